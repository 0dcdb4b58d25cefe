ALTER TABLE `integrations` ADD `credential_lifetime_days` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `credential_generated` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `integrations` ADD `next_credential_lifetime_days` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `next_credential_generated` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `integrations` ADD `replace_certificate` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `integrations` ADD `replacement_made_at` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `replacement_tried_at` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `replacement_outcome` text;--> statement-breakpoint
ALTER TABLE `integrations` ADD `replacement_detail` text;