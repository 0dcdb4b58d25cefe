ALTER TABLE `grants` ADD `claims_challenge_sealed` text;--> statement-breakpoint
ALTER TABLE `grants` ADD `claims_challenge_label` text GENERATED ALWAYS AS (substr("claims_challenge_sealed", 1, 56)) VIRTUAL;--> statement-breakpoint
CREATE INDEX `grants_claims_challenge_label` ON `grants` (`claims_challenge_label`) WHERE claims_challenge_label IS NOT NULL;