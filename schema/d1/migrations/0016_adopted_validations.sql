-- A validation becomes part of an account's history when the form is saved with it.
CREATE TRIGGER `validations_adopted` AFTER UPDATE OF `saved` ON `validations` WHEN NEW.`saved` = 1 AND OLD.`saved` = 0
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;
