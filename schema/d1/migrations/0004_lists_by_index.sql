DROP INDEX `grants_retry`;--> statement-breakpoint
CREATE INDEX `grants_status` ON `grants` (`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_username` ON `grants` (lower("signed_in_as"),`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_app` ON `grants` (`client_id`,`cloud`) WHERE state <> 'reconnect_required';--> statement-breakpoint
CREATE INDEX `grants_due` ON `grants` (`state`,`retry_at`) WHERE retry_at IS NOT NULL;--> statement-breakpoint
DROP INDEX `mail_accounts_tenant`;--> statement-breakpoint
DROP INDEX `mail_accounts_owner`;--> statement-breakpoint
ALTER TABLE `mail_accounts` ADD `grant_state` text;--> statement-breakpoint
CREATE INDEX `mail_accounts_username` ON `mail_accounts` (lower("username"),`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_protocol` ON `mail_accounts` (`protocol`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_owner_type` ON `mail_accounts` (`owner_type`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_owner_id` ON `mail_accounts` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_health` ON `mail_accounts` (`authentication`,`grant_state`,`last_validation_outcome`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_tenant_health` ON `mail_accounts` (`tenant`,`last_validation_outcome`,`created_at`,`id`) WHERE tenant IS NOT NULL;--> statement-breakpoint
CREATE INDEX `authorizations_requester` ON `authorizations` (`requested_by`) WHERE grant_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`type`,`at`,`id`);--> statement-breakpoint
-- Keeps mail_accounts.grant_state, whichever version of the Worker writes.
CREATE TRIGGER `grants_state_changed` AFTER UPDATE OF `state` ON `grants` WHEN NEW.`state` <> OLD.`state`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = NEW.`state` WHERE `grant_id` = NEW.`id`;
END;--> statement-breakpoint
CREATE TRIGGER `grants_deleted` AFTER DELETE ON `grants`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = NULL WHERE `grant_id` = OLD.`id`;
END;--> statement-breakpoint
CREATE TRIGGER `mail_accounts_added` AFTER INSERT ON `mail_accounts` WHEN NEW.`grant_id` IS NOT NULL
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT `state` FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;--> statement-breakpoint
CREATE TRIGGER `mail_accounts_grant_changed` AFTER UPDATE OF `grant_id` ON `mail_accounts` WHEN NEW.`grant_id` IS NOT OLD.`grant_id`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT `state` FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;--> statement-breakpoint
UPDATE `mail_accounts` SET `grant_state` = (SELECT `state` FROM `grants` WHERE `grants`.`id` = `mail_accounts`.`grant_id`) WHERE `grant_id` IS NOT NULL;
