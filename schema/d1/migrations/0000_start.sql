CREATE TABLE `admin_consents` (
	`id` text PRIMARY KEY NOT NULL,
	`state_hash` text NOT NULL,
	`tenant` text NOT NULL,
	`authorization_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`succeeded_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `admin_consents_state` ON `admin_consents` (`state_hash`);--> statement-breakpoint
CREATE INDEX `admin_consents_expires` ON `admin_consents` (`expires_at`);--> statement-breakpoint
CREATE TABLE `authorizations` (
	`id` text PRIMARY KEY NOT NULL,
	`status` text DEFAULT 'pending' NOT NULL,
	`username` text NOT NULL,
	`delegate` text,
	`protocols` text NOT NULL,
	`origin` text,
	`return_url` text,
	`mail_account_id` text,
	`apply` text NOT NULL,
	`requested_by` text NOT NULL,
	`link_hash` text NOT NULL,
	`status_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`started_at` integer,
	`state_hash` text,
	`browser_hash` text,
	`verifier_sealed` text,
	`verifier_label` text GENERATED ALWAYS AS (substr("verifier_sealed", 1, 56)) VIRTUAL,
	`client_id` text,
	`cloud` text,
	`tenant` text,
	`scopes` text,
	`consumed_at` integer,
	`ended_at` integer,
	`mismatch` integer DEFAULT false NOT NULL,
	`grant_id` text,
	`problem_code` text,
	`problem_detail` text,
	`problem_facts` text,
	`admin_link_sealed` text,
	`admin_link_label` text GENERATED ALWAYS AS (substr("admin_link_sealed", 1, 56)) VIRTUAL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `authorizations_state` ON `authorizations` (`state_hash`);--> statement-breakpoint
CREATE INDEX `authorizations_expires` ON `authorizations` (`expires_at`);--> statement-breakpoint
CREATE INDEX `authorizations_grant` ON `authorizations` (`grant_id`);--> statement-breakpoint
CREATE INDEX `authorizations_username` ON `authorizations` (lower("username"),`consumed_at`);--> statement-breakpoint
CREATE INDEX `authorizations_verifier_label` ON `authorizations` (`verifier_label`);--> statement-breakpoint
CREATE INDEX `authorizations_admin_link_label` ON `authorizations` (`admin_link_label`);--> statement-breakpoint
CREATE TABLE `grants` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`saved_at` integer,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	`client_id` text NOT NULL,
	`cloud` text NOT NULL,
	`tenant_id` text NOT NULL,
	`object_id` text NOT NULL,
	`account_type` text NOT NULL,
	`signed_in_as` text NOT NULL,
	`scopes` text NOT NULL,
	`protocols` text NOT NULL,
	`refresh_token_sealed` text,
	`refresh_token_label` text GENERATED ALWAYS AS (substr("refresh_token_sealed", 1, 56)) VIRTUAL,
	`previous_refresh_token_sealed` text,
	`previous_refresh_token_label` text GENERATED ALWAYS AS (substr("previous_refresh_token_sealed", 1, 56)) VIRTUAL,
	`access_token_sealed` text,
	`access_token_label` text GENERATED ALWAYS AS (substr("access_token_sealed", 1, 56)) VIRTUAL,
	`access_token_expires_at` integer,
	`refreshed_at` integer,
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
	`last_used_at` integer
);
--> statement-breakpoint
CREATE INDEX `grants_created` ON `grants` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `grants_account` ON `grants` (`tenant_id`,`object_id`);--> statement-breakpoint
CREATE INDEX `grants_unsaved` ON `grants` (`expires_at`) WHERE saved_at IS NULL;--> statement-breakpoint
CREATE INDEX `grants_idle` ON `grants` (`state`,`refreshed_at`) WHERE saved_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `grants_retry` ON `grants` (`retry_at`) WHERE retry_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `grants_refresh_token_label` ON `grants` (`refresh_token_label`);--> statement-breakpoint
CREATE INDEX `grants_previous_refresh_token_label` ON `grants` (`previous_refresh_token_label`);--> statement-breakpoint
CREATE INDEX `grants_access_token_label` ON `grants` (`access_token_label`);--> statement-breakpoint
CREATE TABLE `integrations` (
	`id` text PRIMARY KEY NOT NULL,
	`active` integer DEFAULT false NOT NULL,
	`client_id` text,
	`credential_type` text,
	`credential_sealed` text,
	`credential_label` text GENERATED ALWAYS AS (substr("credential_sealed", 1, 56)) VIRTUAL,
	`credential_hint` text,
	`credential_certificate` text,
	`credential_expires_at` integer,
	`credential_warned_days` integer,
	`next_credential_type` text,
	`next_credential_sealed` text,
	`next_credential_label` text GENERATED ALWAYS AS (substr("next_credential_sealed", 1, 56)) VIRTUAL,
	`next_credential_hint` text,
	`next_credential_certificate` text,
	`next_credential_expires_at` integer,
	`cloud` text DEFAULT 'global' NOT NULL,
	`tenant` text DEFAULT 'common' NOT NULL,
	`home_tenant` text,
	`credential_rejected_at` integer,
	`credential_rejected_detail` text,
	`credential_rejected_facts` text,
	`version` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE `mail_accounts` (
	`id` text PRIMARY KEY NOT NULL,
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
	`tenant` text,
	`password_sealed` text,
	`password_label` text GENERATED ALWAYS AS (substr("password_sealed", 1, 56)) VIRTUAL,
	`last_validation_id` text,
	`last_validation_outcome` text,
	`last_validation_at` integer,
	`scheduled_at` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mail_accounts_created` ON `mail_accounts` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_grant` ON `mail_accounts` (`grant_id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_tenant` ON `mail_accounts` (`tenant`) WHERE tenant IS NOT NULL;--> statement-breakpoint
CREATE INDEX `mail_accounts_owner` ON `mail_accounts` (`owner_type`,`owner_id`);--> statement-breakpoint
CREATE INDEX `mail_accounts_scheduled` ON `mail_accounts` (`scheduled_at`);--> statement-breakpoint
CREATE INDEX `mail_accounts_password_label` ON `mail_accounts` (`password_label`);--> statement-breakpoint
CREATE TABLE `validations` (
	`id` text PRIMARY KEY NOT NULL,
	`mail_account_id` text,
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
	`diagnosis` text,
	`duration_ms` integer NOT NULL,
	`checked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `validations_fingerprint` ON `validations` (`fingerprint`,`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_checked` ON `validations` (`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_grant` ON `validations` (`grant_id`,`checked_at`);--> statement-breakpoint
CREATE INDEX `validations_account` ON `validations` (`mail_account_id`);--> statement-breakpoint
CREATE TABLE `app_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`cloud` text NOT NULL,
	`tenant` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`access_token_sealed` text,
	`access_token_label` text GENERATED ALWAYS AS (substr("access_token_sealed", 1, 56)) VIRTUAL,
	`access_token_expires_at` integer,
	`fetched_at` integer,
	`version` integer DEFAULT 0 NOT NULL,
	`lease_owner` text,
	`lease_expires_at` integer,
	`failures` integer DEFAULT 0 NOT NULL,
	`retry_at` integer,
	`problem_code` text,
	`problem_detail` text,
	`problem_facts` text,
	`problem_since` integer
);
--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`mail_account_ids` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `api_keys_created` ON `api_keys` (`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `console_sessions` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`key_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `console_sessions_key` ON `console_sessions` (`key_id`);--> statement-breakpoint
CREATE INDEX `console_sessions_expires` ON `console_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`actor_type` text NOT NULL,
	`actor_id` text,
	`subject` text,
	`data` text NOT NULL,
	`untold` integer DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_at` ON `events` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `events_subject` ON `events` (`subject`,`at`);--> statement-breakpoint
CREATE INDEX `events_untold` ON `events` (`untold`) WHERE untold = 1;--> statement-breakpoint
CREATE TABLE `idempotency_records` (
	`id` text PRIMARY KEY NOT NULL,
	`body_hash` text NOT NULL,
	`status` integer,
	`answer_sealed` text,
	`answer_label` text GENERATED ALWAYS AS (substr("answer_sealed", 1, 56)) VIRTUAL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_records_expires` ON `idempotency_records` (`expires_at`);--> statement-breakpoint
CREATE INDEX `idempotency_records_answer_label` ON `idempotency_records` (`answer_label`);--> statement-breakpoint
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
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`next_attempt_at`) WHERE next_attempt_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_deliveries_created` ON `webhook_deliveries` (`created_at`);--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
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
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhooks_created` ON `webhooks` (`created_at`,`id`);