-- Triggers in their final form, which drizzle-kit does not know. `npm run migration` appends them to the tables.
--
-- Keep grants.state and grants.covered, the best state and all protocols of the grant's tokens, and mail_accounts.grant_state,
-- whichever version of the Worker writes. The latter is the state of the token that the account needs: `blocked` when
-- Microsoft no longer grants its protocol, or grants it only for the person's own mailbox (every text contains an empty
-- shared_permission), and `reconnect_required` when the person never consented to its resource. No protocol's name contains
-- that of another one, so instr() finds whole names. The next refresh corrects a wrong state, as in a database that was edited.
CREATE TRIGGER `grant_tokens_added` AFTER INSERT ON `grant_tokens`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = iif(NEW.`state` IN ('active', 'cooling_down') AND (instr(NEW.`protocols`, `protocol`) = 0 OR (SELECT `account_type` = 'work' AND instr(`scopes`, `shared_permission`) = 0 FROM `grants` WHERE `id` = NEW.`grant_id`)), 'blocked', NEW.`state`) WHERE `grant_id` = NEW.`grant_id` AND `resource` = NEW.`resource`;
	UPDATE `grants` SET
		`state` = (SELECT `state` FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id` ORDER BY instr('active cooling_down blocked reconnect_required', `state`) LIMIT 1),
		`covered` = (SELECT trim(group_concat(`protocols`, ' ')) FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id`)
	WHERE `id` = NEW.`grant_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `grant_tokens_state_changed` AFTER UPDATE OF `state`, `protocols` ON `grant_tokens`
	WHEN NEW.`state` <> OLD.`state` OR NEW.`protocols` <> OLD.`protocols` OR NEW.`state` <> (SELECT `state` FROM `grants` WHERE `id` = NEW.`grant_id`)
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = iif(NEW.`state` IN ('active', 'cooling_down') AND (instr(NEW.`protocols`, `protocol`) = 0 OR (SELECT `account_type` = 'work' AND instr(`scopes`, `shared_permission`) = 0 FROM `grants` WHERE `id` = NEW.`grant_id`)), 'blocked', NEW.`state`) WHERE `grant_id` = NEW.`grant_id` AND `resource` = NEW.`resource`;
	UPDATE `grants` SET
		`state` = (SELECT `state` FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id` ORDER BY instr('active cooling_down blocked reconnect_required', `state`) LIMIT 1),
		`covered` = (SELECT trim(group_concat(`protocols`, ' ')) FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id`)
	WHERE `id` = NEW.`grant_id`;
END;
--> statement-breakpoint
CREATE TRIGGER `grants_scopes_changed` AFTER UPDATE OF `scopes` ON `grants` WHEN NEW.`scopes` <> OLD.`scopes`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = iif(`state` IN ('active', 'cooling_down') AND (instr(`protocols`, `protocol`) = 0 OR (NEW.`account_type` = 'work' AND instr(NEW.`scopes`, `shared_permission`) = 0)), 'blocked', `state`)
	FROM `grant_tokens` WHERE `mail_accounts`.`grant_id` = NEW.`id` AND `shared_permission` <> '' AND `grant_tokens`.`grant_id` = NEW.`id` AND `grant_tokens`.`resource` = `mail_accounts`.`resource`;
END;
--> statement-breakpoint
CREATE TRIGGER `grants_deleted` AFTER DELETE ON `grants`
BEGIN
	DELETE FROM `grant_tokens` WHERE `grant_id` = OLD.`id`;
	UPDATE `mail_accounts` SET `grant_state` = NULL WHERE `grant_id` = OLD.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `mail_accounts_added` AFTER INSERT ON `mail_accounts` WHEN NEW.`grant_id` IS NOT NULL
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT coalesce((SELECT iif(`state` IN ('active', 'cooling_down') AND (instr(`protocols`, NEW.`protocol`) = 0 OR (`account_type` = 'work' AND instr(`scopes`, NEW.`shared_permission`) = 0)), 'blocked', `state`) FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id` AND `resource` = NEW.`resource`), 'reconnect_required') FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `mail_accounts_grant_changed` AFTER UPDATE OF `grant_id`, `protocol`, `username`, `delegate` ON `mail_accounts`
	WHEN NEW.`grant_id` IS NOT OLD.`grant_id` OR NEW.`protocol` <> OLD.`protocol` OR NEW.`shared_permission` <> OLD.`shared_permission`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT coalesce((SELECT iif(`state` IN ('active', 'cooling_down') AND (instr(`protocols`, NEW.`protocol`) = 0 OR (`account_type` = 'work' AND instr(`scopes`, NEW.`shared_permission`) = 0)), 'blocked', `state`) FROM `grant_tokens` WHERE `grant_id` = NEW.`grant_id` AND `resource` = NEW.`resource`), 'reconnect_required') FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
--> statement-breakpoint
-- Keep mail_accounts.customer: an account with a grant has the customer of its grant, and follows it.
CREATE TRIGGER `grants_customer_changed` AFTER UPDATE OF `customer` ON `grants` WHEN NEW.`customer` IS NOT OLD.`customer`
BEGIN
	UPDATE `mail_accounts` SET `customer` = NEW.`customer` WHERE `grant_id` = NEW.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `mail_accounts_customer_added` AFTER INSERT ON `mail_accounts` WHEN NEW.`grant_id` IS NOT NULL
BEGIN
	UPDATE `mail_accounts` SET `customer` = (SELECT `customer` FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
--> statement-breakpoint
CREATE TRIGGER `mail_accounts_customer_changed` AFTER UPDATE OF `customer`, `grant_id` ON `mail_accounts`
	WHEN (SELECT `customer` IS NOT NEW.`customer` FROM `grants` WHERE `id` = NEW.`grant_id`)
BEGIN
	UPDATE `mail_accounts` SET `customer` = (SELECT `customer` FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
--> statement-breakpoint
-- The validations of an account, and with them its history, move with it.
CREATE TRIGGER `mail_accounts_moved` AFTER UPDATE OF `customer` ON `mail_accounts` WHEN NEW.`customer` IS NOT OLD.`customer`
BEGIN
	UPDATE `validations` SET `customer` = NEW.`customer` WHERE `mail_account_id` = NEW.`id`;
END;
--> statement-breakpoint
-- Keep daily_counts within the statement that they count: an invocation may run a limited number of statements.
CREATE TRIGGER `validations_counted` AFTER INSERT ON `validations` WHEN NEW.`saved` = 1 AND EXISTS (SELECT 1 FROM `mail_accounts` WHERE `id` = NEW.`mail_account_id`)
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;
--> statement-breakpoint
-- A validation becomes part of an account's history when the form is saved with it.
CREATE TRIGGER `validations_adopted` AFTER UPDATE OF `saved` ON `validations` WHEN NEW.`saved` = 1 AND OLD.`saved` = 0
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;
--> statement-breakpoint
CREATE TRIGGER `grants_token_requested` AFTER UPDATE OF `last_request_at` ON `grants` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;
--> statement-breakpoint
CREATE TRIGGER `app_tokens_token_requested` AFTER UPDATE OF `last_request_at` ON `app_tokens` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;
--> statement-breakpoint
CREATE TRIGGER `mail_accounts_deleted` AFTER DELETE ON `mail_accounts`
BEGIN
	DELETE FROM `daily_counts` WHERE `subject` = OLD.`id`;
	DELETE FROM `token_uses` WHERE `mail_account_id` = OLD.`id`;
END;
