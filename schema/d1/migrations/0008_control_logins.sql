CREATE TABLE `control_logins` (
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`tried_at` integer NOT NULL,
	`accepted` integer,
	PRIMARY KEY(`host`, `port`)
);
--> statement-breakpoint
ALTER TABLE `validations` ADD `control` text;