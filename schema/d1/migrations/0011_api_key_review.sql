ALTER TABLE `api_keys` ADD `needs_review` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `api_keys_needs_review` ON `api_keys` (`revoked_at`) WHERE needs_review = 1;