-- The state of a grant as an account sees it: `blocked` when Microsoft no longer grants its protocol.
DROP TRIGGER `grants_state_changed`;--> statement-breakpoint
DROP TRIGGER `mail_accounts_added`;--> statement-breakpoint
DROP TRIGGER `mail_accounts_grant_changed`;--> statement-breakpoint
CREATE TRIGGER `grants_state_changed` AFTER UPDATE OF `state`, `protocols` ON `grants` WHEN NEW.`state` <> OLD.`state` OR NEW.`protocols` <> OLD.`protocols`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = iif(NEW.`state` IN ('active', 'cooling_down') AND instr(NEW.`protocols`, `protocol`) = 0, 'blocked', NEW.`state`) WHERE `grant_id` = NEW.`id`;
END;--> statement-breakpoint
CREATE TRIGGER `mail_accounts_added` AFTER INSERT ON `mail_accounts` WHEN NEW.`grant_id` IS NOT NULL
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT iif(`state` IN ('active', 'cooling_down') AND instr(`protocols`, NEW.`protocol`) = 0, 'blocked', `state`) FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;--> statement-breakpoint
CREATE TRIGGER `mail_accounts_grant_changed` AFTER UPDATE OF `grant_id`, `protocol` ON `mail_accounts` WHEN NEW.`grant_id` IS NOT OLD.`grant_id` OR NEW.`protocol` <> OLD.`protocol`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT iif(`state` IN ('active', 'cooling_down') AND instr(`protocols`, NEW.`protocol`) = 0, 'blocked', `state`) FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
