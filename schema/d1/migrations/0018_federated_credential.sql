CREATE TABLE `signing_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`private_key_sealed` text NOT NULL,
	`private_key_label` text GENERATED ALWAYS AS (substr("private_key_sealed", 1, 56)) VIRTUAL,
	`public_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`signs_from` integer NOT NULL,
	`unused_since` integer
);
--> statement-breakpoint
CREATE INDEX `signing_keys_private_key_label` ON `signing_keys` (`private_key_label`);--> statement-breakpoint
ALTER TABLE `authorizations` ADD `credential` text DEFAULT 'current' NOT NULL;--> statement-breakpoint
ALTER TABLE `integrations` ADD `next_credential_tried_at` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `credential_rejected_code` text;--> statement-breakpoint
ALTER TABLE `integrations` ADD `deployment_id` text;