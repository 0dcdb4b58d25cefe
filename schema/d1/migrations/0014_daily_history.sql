CREATE TABLE `daily_counts` (
	`subject` text NOT NULL,
	`day` integer NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`inconclusive` integer DEFAULT 0 NOT NULL,
	`waited` integer DEFAULT false NOT NULL,
	`tokens_succeeded` integer DEFAULT 0 NOT NULL,
	`tokens_refused` integer DEFAULT 0 NOT NULL,
	`tokens_failed` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`subject`, `day`)
);
--> statement-breakpoint
CREATE INDEX `daily_counts_day` ON `daily_counts` (`day`);--> statement-breakpoint
CREATE INDEX `daily_counts_waited` ON `daily_counts` (`day`) WHERE waited = 1;--> statement-breakpoint
ALTER TABLE `grants` ADD `last_request_at` integer;--> statement-breakpoint
ALTER TABLE `grants` ADD `last_request_outcome` text;--> statement-breakpoint
ALTER TABLE `validations` ADD `saved` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `validations_timeline` ON `validations` (`mail_account_id`,`checked_at`,`outcome`) WHERE saved = 1;--> statement-breakpoint
ALTER TABLE `app_tokens` ADD `last_request_at` integer;--> statement-breakpoint
ALTER TABLE `app_tokens` ADD `last_request_outcome` text;
--> statement-breakpoint
-- Counts within the statement that it counts: an invocation may run a limited number of statements.
CREATE TRIGGER `validations_counted` AFTER INSERT ON `validations` WHEN NEW.`saved` = 1 AND EXISTS (SELECT 1 FROM `mail_accounts` WHERE `id` = NEW.`mail_account_id`)
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;--> statement-breakpoint
CREATE TRIGGER `grants_token_requested` AFTER UPDATE OF `last_request_at` ON `grants` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;--> statement-breakpoint
CREATE TRIGGER `app_tokens_token_requested` AFTER UPDATE OF `last_request_at` ON `app_tokens` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;--> statement-breakpoint
CREATE TRIGGER `mail_accounts_deleted` AFTER DELETE ON `mail_accounts`
BEGIN
	DELETE FROM `daily_counts` WHERE `subject` = OLD.`id`;
END;
