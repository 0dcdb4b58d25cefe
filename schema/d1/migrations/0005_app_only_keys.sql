ALTER TABLE `api_keys` ADD `app_only` integer;--> statement-breakpoint
CREATE INDEX `api_keys_app_only_unset` ON `api_keys` (`revoked_at`) WHERE app_only IS NULL AND mail_account_ids IS NOT NULL;