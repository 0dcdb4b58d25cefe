CREATE TABLE `maintenance_tasks` (
	`task` text PRIMARY KEY NOT NULL,
	`finished_at` integer NOT NULL,
	`behind_since` integer
);
