ALTER TABLE `webhooks` ADD `type` text DEFAULT 'standard' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `recipient` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `mail_account_id` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `next_message_at` integer;