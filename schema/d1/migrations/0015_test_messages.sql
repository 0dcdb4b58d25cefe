CREATE TABLE `test_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`mailbox` text NOT NULL,
	`actor_id` text NOT NULL,
	`requested_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `test_messages_mailbox` ON `test_messages` (`mailbox`,`requested_at`);--> statement-breakpoint
CREATE INDEX `test_messages_actor` ON `test_messages` (`actor_id`,`requested_at`);--> statement-breakpoint
CREATE INDEX `test_messages_requested` ON `test_messages` (`requested_at`);