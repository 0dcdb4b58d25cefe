CREATE TABLE `admin_consents` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`state_hash` text NOT NULL,
	`tenant` text NOT NULL,
	`resource` text NOT NULL,
	`authorization_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`succeeded_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `admin_consents_state` ON `admin_consents` (`state_hash`);--> statement-breakpoint
CREATE INDEX `admin_consents_expires` ON `admin_consents` (`expires_at`);--> statement-breakpoint
CREATE INDEX `admin_consents_customer` ON `admin_consents` (`customer`,`expires_at`) WHERE customer IS NOT NULL;--> statement-breakpoint
CREATE TABLE `app_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`cloud` text NOT NULL,
	`tenant` text NOT NULL,
	`resource` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`access_token_sealed` text,
	`access_token_label` text GENERATED ALWAYS AS (substr("access_token_sealed", 1, 56)) VIRTUAL,
	`access_token_expires_at` integer,
	`fetched_at` integer,
	`version` integer DEFAULT 0 NOT NULL,
	`written_by` text,
	`lease_owner` text,
	`lease_expires_at` integer,
	`failures` integer DEFAULT 0 NOT NULL,
	`retry_at` integer,
	`problem_code` text,
	`problem_detail` text,
	`problem_facts` text,
	`problem_since` integer,
	`failed_at` integer,
	`last_request_at` integer,
	`last_request_outcome` text
);
--> statement-breakpoint
CREATE TABLE `authorizations` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`status` text DEFAULT 'pending' NOT NULL,
	`username` text NOT NULL,
	`delegate` text,
	`protocols` text NOT NULL,
	`origin` text,
	`return_url` text,
	`mail_account_id` text,
	`apply` text NOT NULL,
	`sent` integer DEFAULT false NOT NULL,
	`requested_by` text NOT NULL,
	`requested_by_person` text,
	`link_hash` text NOT NULL,
	`status_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`started_at` integer,
	`state_hash` text,
	`browser_hash` text,
	`verifier_sealed` text,
	`verifier_label` text GENERATED ALWAYS AS (substr("verifier_sealed", 1, 56)) VIRTUAL,
	`sign_in` text,
	`consumed_at` integer,
	`consumed_by` text,
	`ended_at` integer,
	`mismatch` integer DEFAULT false NOT NULL,
	`grant_id` text,
	`problem` text,
	`admin_link_sealed` text,
	`admin_link_label` text GENERATED ALWAYS AS (substr("admin_link_sealed", 1, 56)) VIRTUAL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `authorizations_state` ON `authorizations` (`state_hash`);--> statement-breakpoint
CREATE INDEX `authorizations_expires` ON `authorizations` (`expires_at`);--> statement-breakpoint
CREATE INDEX `authorizations_grant` ON `authorizations` (`grant_id`);--> statement-breakpoint
CREATE INDEX `authorizations_customer` ON `authorizations` (`customer`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `authorizations_requester` ON `authorizations` (`requested_by`) WHERE grant_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX `authorizations_username` ON `authorizations` (lower("username"),`consumed_at`);--> statement-breakpoint
CREATE INDEX `authorizations_created` ON `authorizations` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `authorizations_status` ON `authorizations` (`status`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `authorizations_mailbox` ON `authorizations` (lower("username"),`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `authorizations_account` ON `authorizations` (`mail_account_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `authorizations_open` ON `authorizations` (`requested_by`,`expires_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `authorizations_sent` ON `authorizations` (`expires_at`) WHERE sent = 1 AND ended_at IS NULL;--> statement-breakpoint
CREATE INDEX `authorizations_verifier_label` ON `authorizations` (`verifier_label`);--> statement-breakpoint
CREATE INDEX `authorizations_admin_link_label` ON `authorizations` (`admin_link_label`);--> statement-breakpoint
CREATE TABLE `counted_calls` (
	`id` text PRIMARY KEY NOT NULL,
	`subject` text NOT NULL,
	`actor_id` text NOT NULL,
	`requested_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `counted_calls_subject` ON `counted_calls` (`subject`,`requested_at`);--> statement-breakpoint
CREATE INDEX `counted_calls_actor` ON `counted_calls` (`actor_id`,`requested_at`);--> statement-breakpoint
CREATE INDEX `counted_calls_requested` ON `counted_calls` (`requested_at`);--> statement-breakpoint
CREATE TABLE `daily_counts` (
	`subject` text NOT NULL,
	`day` integer NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`inconclusive` integer DEFAULT 0 NOT NULL,
	`waited` integer DEFAULT 0 NOT NULL,
	`tokens_succeeded` integer DEFAULT 0 NOT NULL,
	`tokens_refused` integer DEFAULT 0 NOT NULL,
	`tokens_failed` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`subject`, `day`)
);
--> statement-breakpoint
CREATE INDEX `daily_counts_day` ON `daily_counts` (`day`);--> statement-breakpoint
CREATE TABLE `grant_tokens` (
	`grant_id` text NOT NULL,
	`resource` text NOT NULL,
	`protocols` text NOT NULL,
	`wider` text DEFAULT '' NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`access_token_sealed` text,
	`access_token_label` text GENERATED ALWAYS AS (substr("access_token_sealed", 1, 56)) VIRTUAL,
	`access_token_expires_at` integer,
	`issued_at` integer,
	`failures` integer DEFAULT 0 NOT NULL,
	`retry_at` integer,
	`problem_code` text,
	`problem_detail` text,
	`problem_facts` text,
	`problem_since` integer,
	`failed_at` integer,
	PRIMARY KEY(`grant_id`, `resource`)
);
--> statement-breakpoint
CREATE INDEX `grant_tokens_due` ON `grant_tokens` (`state`,`retry_at`) WHERE retry_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `grant_tokens_access_token_label` ON `grant_tokens` (`access_token_label`);--> statement-breakpoint
CREATE TABLE `grants` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`state` text DEFAULT 'reconnect_required' NOT NULL,
	`saved_at` integer,
	`expires_at` integer,
	`reserved_for` text,
	`created_at` integer NOT NULL,
	`client_id` text NOT NULL,
	`cloud` text NOT NULL,
	`tenant_id` text NOT NULL,
	`object_id` text NOT NULL,
	`account_type` text NOT NULL,
	`signed_in_as` text NOT NULL,
	`scopes` text NOT NULL,
	`covered` text DEFAULT '' NOT NULL,
	`refresh_token_sealed` text,
	`refresh_token_label` text GENERATED ALWAYS AS (substr("refresh_token_sealed", 1, 56)) VIRTUAL,
	`previous_refresh_token_sealed` text,
	`previous_refresh_token_label` text GENERATED ALWAYS AS (substr("previous_refresh_token_sealed", 1, 56)) VIRTUAL,
	`claims_challenge_sealed` text,
	`claims_challenge_label` text GENERATED ALWAYS AS (substr("claims_challenge_sealed", 1, 56)) VIRTUAL,
	`refreshed_at` integer,
	`version` integer DEFAULT 0 NOT NULL,
	`written_by` text,
	`lease_owner` text,
	`lease_expires_at` integer,
	`last_request_at` integer,
	`last_request_outcome` text
);
--> statement-breakpoint
CREATE INDEX `grants_created` ON `grants` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_status` ON `grants` (`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_username` ON `grants` (lower("signed_in_as"),`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_customer` ON `grants` (`customer`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_account` ON `grants` (`tenant_id`,`object_id`);--> statement-breakpoint
CREATE INDEX `grants_app` ON `grants` (`client_id`,`cloud`) WHERE state <> 'reconnect_required';--> statement-breakpoint
CREATE INDEX `grants_unsaved` ON `grants` (`expires_at`) WHERE saved_at IS NULL;--> statement-breakpoint
CREATE INDEX `grants_idle` ON `grants` (`state`,`refreshed_at`) WHERE saved_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `grants_refresh_token_label` ON `grants` (`refresh_token_label`);--> statement-breakpoint
CREATE INDEX `grants_previous_refresh_token_label` ON `grants` (`previous_refresh_token_label`);--> statement-breakpoint
CREATE INDEX `grants_claims_challenge_label` ON `grants` (`claims_challenge_label`) WHERE claims_challenge_label IS NOT NULL;--> statement-breakpoint
CREATE TABLE `integrations` (
	`id` text PRIMARY KEY NOT NULL,
	`active` integer DEFAULT false NOT NULL,
	`client_id` text,
	`credential` text,
	`credential_sealed` text,
	`credential_label` text GENERATED ALWAYS AS (substr("credential_sealed", 1, 56)) VIRTUAL,
	`credential_warned_days` integer,
	`next_credential` text,
	`next_credential_sealed` text,
	`next_credential_label` text GENERATED ALWAYS AS (substr("next_credential_sealed", 1, 56)) VIRTUAL,
	`undo_until` integer,
	`cloud` text DEFAULT 'global' NOT NULL,
	`tenant` text DEFAULT 'common' NOT NULL,
	`home_tenant` text,
	`protocols` text DEFAULT 'imap smtp' NOT NULL,
	`home_tenant_id` text,
	`verified_at` integer,
	`app_problem` text,
	`outage` text,
	`deployment_id` text,
	`version` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `mail_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`name` text,
	`owner_type` text NOT NULL,
	`owner_id` text,
	`protocol` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`security` text NOT NULL,
	`username` text NOT NULL,
	`delegate` text,
	`sender` text,
	`authentication` text NOT NULL,
	`grant_id` text,
	`resource` text GENERATED ALWAYS AS (iif(protocol IN ('imap', 'smtp'), 'outlook', 'graph')) VIRTUAL,
	`shared_permission` text GENERATED ALWAYS AS (iif(protocol = 'graph_send' AND lower(delegate) <> lower(username), 'Mail.Send.Shared', '')) VIRTUAL,
	`grant_state` text,
	`tenant` text,
	`password_sealed` text,
	`password_label` text GENERATED ALWAYS AS (substr("password_sealed", 1, 56)) VIRTUAL,
	`last_validation_id` text,
	`last_validation_outcome` text,
	`last_validation_at` integer,
	`validated_at` integer GENERATED ALWAYS AS (coalesce(last_validation_at, 0)) VIRTUAL,
	`scheduled_at` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mail_accounts_created` ON `mail_accounts` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_username` ON `mail_accounts` (lower("username"),`customer`,`protocol`,`owner_type`,`owner_id`,`created_at`,`id`,lower("delegate"),lower("name"),`authentication`,`grant_state`,`last_validation_outcome`,`tenant`);--> statement-breakpoint
CREATE INDEX `mail_accounts_direction` ON `mail_accounts` (CASE "protocol" WHEN 'imap' THEN 'read' ELSE 'send' END,`created_at`,`id`,`protocol`);--> statement-breakpoint
CREATE INDEX `mail_accounts_owner_type` ON `mail_accounts` (`owner_type`,`created_at`,`id`,`protocol`);--> statement-breakpoint
CREATE INDEX `mail_accounts_owner` ON `mail_accounts` (`owner_type`,`owner_id`,`created_at`,`id`,`protocol`,lower("username"),lower("delegate"),lower("name"));--> statement-breakpoint
CREATE INDEX `mail_accounts_validated` ON `mail_accounts` (`validated_at`,`created_at`,`id`,`protocol`,`owner_type`,`owner_id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_health` ON `mail_accounts` (`authentication`,`grant_state`,`last_validation_outcome`,`created_at`,`id`,`protocol`,`owner_type`,`owner_id`,lower("username"),lower("delegate"),lower("name"));--> statement-breakpoint
CREATE INDEX `mail_accounts_tenant_health` ON `mail_accounts` (`tenant`,`last_validation_outcome`,`created_at`,`id`,`protocol`,`owner_type`,`owner_id`,lower("username"),lower("delegate"),lower("name")) WHERE tenant IS NOT NULL;--> statement-breakpoint
CREATE INDEX `mail_accounts_customer` ON `mail_accounts` (`customer`,`created_at`,`id`,`authentication`,`grant_state`,`last_validation_outcome`,`tenant`);--> statement-breakpoint
CREATE INDEX `mail_accounts_grant` ON `mail_accounts` (`grant_id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_scheduled` ON `mail_accounts` (`scheduled_at`);--> statement-breakpoint
CREATE INDEX `mail_accounts_password_label` ON `mail_accounts` (`password_label`);--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`private_key_sealed` text NOT NULL,
	`private_key_label` text GENERATED ALWAYS AS (substr("private_key_sealed", 1, 56)) VIRTUAL,
	`public_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`signs_from` integer NOT NULL,
	`unused_since` integer
);
--> statement-breakpoint
CREATE INDEX `signing_keys_private_key_label` ON `signing_keys` (`private_key_label`);--> statement-breakpoint
CREATE TABLE `token_uses` (
	`id` integer PRIMARY KEY NOT NULL,
	`mail_account_id` text NOT NULL,
	`day` integer NOT NULL,
	`key_id` text NOT NULL,
	`address` text NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`count` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `token_uses_user` ON `token_uses` (`mail_account_id`,`day`,`key_id`,`address`);--> statement-breakpoint
CREATE INDEX `token_uses_day` ON `token_uses` (`day`);--> statement-breakpoint
CREATE TABLE `validations` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`mail_account_id` text,
	`saved` integer DEFAULT false NOT NULL,
	`grant_id` text,
	`fingerprint` text NOT NULL,
	`outcome` text NOT NULL,
	`protocol` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`security` text NOT NULL,
	`mechanism` text,
	`identity` text NOT NULL,
	`steps` text NOT NULL,
	`failure` text,
	`warnings` text NOT NULL,
	`login_facts` text,
	`duration_ms` integer NOT NULL,
	`checked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `validations_fingerprint` ON `validations` (`fingerprint`,`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_checked` ON `validations` (`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_grant` ON `validations` (`grant_id`,`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_account` ON `validations` (`mail_account_id`);--> statement-breakpoint
CREATE INDEX `validations_customer` ON `validations` (`customer`) WHERE customer IS NOT NULL;--> statement-breakpoint
CREATE INDEX `validations_timeline` ON `validations` (`mail_account_id`,`checked_at`,`outcome`) WHERE saved = 1;--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`secret_hash_sealed` text NOT NULL,
	`secret_hash_label` text GENERATED ALWAYS AS (iif("revoked_at" IS NULL, substr("secret_hash_sealed", 1, 56), NULL)) VIRTUAL,
	`scopes` text NOT NULL,
	`customer` text,
	`mail_account_ids` text,
	`app_only` integer NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_by_name` text,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer,
	`version` integer DEFAULT 1 NOT NULL,
	`reductions` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `api_keys_created` ON `api_keys` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `api_keys_customer` ON `api_keys` (`customer`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `api_keys_secret_hash_label` ON `api_keys` (`secret_hash_label`);--> statement-breakpoint
CREATE TABLE `console_sessions` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`binding_sealed` text NOT NULL,
	`binding_label` text GENERATED ALWAYS AS (substr("binding_sealed", 1, 56)) VIRTUAL,
	`key_id` text,
	`person` text,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `console_sessions_key` ON `console_sessions` (`key_id`);--> statement-breakpoint
CREATE INDEX `console_sessions_expires` ON `console_sessions` (`expires_at`);--> statement-breakpoint
CREATE INDEX `console_sessions_created` ON `console_sessions` (`created_at`,`id_hash`);--> statement-breakpoint
CREATE INDEX `console_sessions_binding_label` ON `console_sessions` (`binding_label`);--> statement-breakpoint
CREATE TABLE `customers` (
	`name` text PRIMARY KEY NOT NULL,
	`suspended_at` integer,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `customers_lower` ON `customers` (lower("name"));--> statement-breakpoint
CREATE INDEX `customers_deleted` ON `customers` (`deleted_at`) WHERE deleted_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`actor_type` text NOT NULL,
	`actor_id` text,
	`actor_name` text,
	`subject` text,
	`data` text NOT NULL,
	`pending_delivery` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `events_customer` ON `events` (`customer`,`at`,`id`) WHERE customer IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_customer_type` ON `events` (`customer`,`type`,`at`,`id`) WHERE customer IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_type` ON `events` (`type`,`at`,`id`);--> statement-breakpoint
CREATE INDEX `events_subject` ON `events` (`subject`,`at`,`id`,`type`);--> statement-breakpoint
CREATE INDEX `events_mailbox` ON `events` (lower(data ->> 'username'),`at`,`id`,`type`) WHERE lower(data ->> 'username') IS NOT NULL;--> statement-breakpoint
CREATE INDEX `events_pending_delivery` ON `events` (`pending_delivery`) WHERE pending_delivery = 1;--> statement-breakpoint
CREATE TABLE `idempotency_records` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`body_hash` text NOT NULL,
	`status` integer,
	`response_sealed` text,
	`response_label` text GENERATED ALWAYS AS (substr("response_sealed", 1, 56)) VIRTUAL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_records_expires` ON `idempotency_records` (`expires_at`);--> statement-breakpoint
CREATE INDEX `idempotency_records_customer` ON `idempotency_records` (`customer`) WHERE customer IS NOT NULL;--> statement-breakpoint
CREATE INDEX `idempotency_records_response_label` ON `idempotency_records` (`response_label`);--> statement-breakpoint
CREATE TABLE `maintenance_tasks` (
	`task` text PRIMARY KEY NOT NULL,
	`finished_at` integer NOT NULL,
	`behind_since` integer
);
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`event_id` text NOT NULL,
	`type` text NOT NULL,
	`payload` text NOT NULL,
	`state` text DEFAULT 'pending' NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer,
	`lease_expires_at` integer,
	`last_attempt_at` integer,
	`last_status` integer,
	`last_error` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_queue` ON `webhook_deliveries` (`webhook_id`,`next_attempt_at`) WHERE next_attempt_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`webhook_id`,`state`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_created` ON `webhook_deliveries` (`created_at`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`url` text NOT NULL,
	`description` text,
	`events` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`secret_sealed` text NOT NULL,
	`secret_label` text GENERATED ALWAYS AS (substr("secret_sealed", 1, 56)) VIRTUAL,
	`previous_secret_sealed` text,
	`previous_secret_label` text GENERATED ALWAYS AS (substr("previous_secret_sealed", 1, 56)) VIRTUAL,
	`previous_secret_expires_at` integer,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`failing_since` integer,
	`backoff_until` integer,
	`retry_after` integer,
	`type` text DEFAULT 'standard' NOT NULL,
	`recipient` text,
	`mail_account_id` text,
	`next_message_at` integer
);
--> statement-breakpoint
CREATE INDEX `webhooks_created` ON `webhooks` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhooks_customer` ON `webhooks` (`customer`,`created_at`,`id`);
--> statement-breakpoint
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
