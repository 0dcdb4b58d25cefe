PRAGMA defer_foreign_keys = true;
CREATE TABLE `admin_consents` (
	`id` text PRIMARY KEY NOT NULL,
	`state_hash` text NOT NULL,
	`tenant` text NOT NULL,
	`authorization_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`succeeded_at` integer
);
INSERT INTO "admin_consents" ("id","state_hash","tenant","authorization_id","created_at","expires_at","succeeded_at") VALUES ('ac_br2psozpbepuzbcjv5kszzfzdr','LCNa1su_KV680ib48oU7SVV_06RdQhkEP2zEcZRMWpQ','contoso.test',NULL,1795510800000,1796720400000,NULL);
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
, `consumed_by` text, `credential` text DEFAULT 'current' NOT NULL, `requested_by_name` text);
INSERT INTO "authorizations" ("id","status","username","delegate","protocols","origin","return_url","mail_account_id","apply","requested_by","link_hash","status_hash","created_at","expires_at","started_at","state_hash","browser_hash","verifier_sealed","client_id","cloud","tenant","scopes","consumed_at","ended_at","mismatch","grant_id","problem_code","problem_detail","problem_facts","admin_link_sealed","consumed_by","credential","requested_by_name") VALUES ('az_3qoexftruvvvahsg5xr7g3ficl','pending','alice@contoso.test',NULL,'imap smtp',NULL,NULL,NULL,'on_save','root','zVXiJ5-z5I0DvgiXZgmqCG1HBXiYerrIKSvrEfyXUoU','nRUZfqa4y3QoUHIfDIdwE9LKkbuh2_MquOkaNfznqhI',1795510800000,1795511400000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'current',NULL);
INSERT INTO "authorizations" ("id","status","username","delegate","protocols","origin","return_url","mail_account_id","apply","requested_by","link_hash","status_hash","created_at","expires_at","started_at","state_hash","browser_hash","verifier_sealed","client_id","cloud","tenant","scopes","consumed_at","ended_at","mismatch","grant_id","problem_code","problem_detail","problem_facts","admin_link_sealed","consumed_by","credential","requested_by_name") VALUES ('az_gkwrexrjryytsog3hxr2w6yhdc','pending','alice@contoso.test',NULL,'imap smtp',NULL,NULL,NULL,'on_save','root','Vo7uK4uA8nC923aqqT6ixpC7SqeMwe6yDpnH5FnYimI','A9wglttF0QpXwQ4bHhX1RpjqYQTt_-OQWy4h0GFipiI',1795510800000,1795511400000,1795510800000,'B-y8LMrQ3xCJmxQ3diKFIS-Qs2dedLi3Zo_dqe0rLkM','nkAhLsxcdWKhTYpjJUXsyXoPWWF1Er6QROt7dA68Jjw','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiYXV0aG9yaXphdGlvbnMiLCJyb3ciOiJhel9na3dyZXhyanJ5eXRzb2czaHhyMnc2eWhkYyIsImNvbCI6InZlcmlmaWVyIn0..PP6bFeu-B8nraQGg.UnBZbhJzyzSpGHXrk5g1msd-40Mi-2YZXohP2P2R0P83NyuSX2Yiqdz5Tw.VawQHa-Y-3inwJqLXSJEeA','f0cacc1a-0000-4000-8000-0000c1e47a99','global','common','https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'current',NULL);
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
, `failed_at` integer, `app_refusal` text, `last_request_at` integer, `last_request_outcome` text, `claims_challenge_sealed` text, `claims_challenge_label` text GENERATED ALWAYS AS (substr("claims_challenge_sealed", 1, 56)) VIRTUAL);
INSERT INTO "grants" ("id","state","saved_at","expires_at","created_at","client_id","cloud","tenant_id","object_id","account_type","signed_in_as","scopes","protocols","refresh_token_sealed","previous_refresh_token_sealed","access_token_sealed","access_token_expires_at","refreshed_at","version","written_by","lease_owner","lease_expires_at","failures","retry_at","problem_code","problem_detail","problem_facts","problem_since","last_used_at","failed_at","app_refusal","last_request_at","last_request_outcome","claims_challenge_sealed") VALUES ('gr_2zcswfkhpgcvbbcudrqyywf5b4','active',1795510800000,NULL,1795510800000,'f0cacc1a-0000-4000-8000-0000c1e47a99','global','c0a70500-7e57-4a11-9d3c-5b1f2c64e801','a11ce000-0000-4000-8000-000000000001','work','alice@contoso.test','https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile','imap smtp','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3JfMnpjc3dma2hwZ2N2YmJjdWRycXl5d2Y1YjQiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..t9rJXidFr160UFAC.YFTsIKtpOlJEGNQIBiDiXsgjvdWCqT8tRrSn8lxLp85dfOfvOsNtnWNM_Yb77jmTX8f-dGdAxNY1KcSoIKP-yTdgQoZ_JpVqLsArNm0_Yc4zZdVgpjVytdVfc63ZzYFuVrfPSJ0uubQCaR4x1ElnJkOQnJ0MIGJBuLc0LgwQDIFW9pgcbMSQjOTFLSCa7BC40DudhMhcwslcXL12-YR5iHg0ACUUnoKggQkDh1giBmL536E5tUnG71bcwW4FD4VKWBY91euXoSK4hrOfoMxTKibMGK_wHQ5SIf1M51bGRwHcKEIi0aZ2wFwXH8cHlwLKmsdo2AWvdmgUIDN4Efv7EDw7eWoYJ8krNlIeg4BEx_eIj0Noq0RoTA-zVIb-CB4nM8bj3GzlvywqUl_fdegqSk0PbjNDhH2f_Db_aWgoBEWGWS5z8U-MSrPFJ5eRNXNN09fzaboJsJiBUyh77S1TJDtgNscGl34GnfeelT6U1QsvjGxED9IseET_SvXDhwzdWUW9ulw45DBzmfHPSJ2mfTI45PeEsAwfodlBCZK812o_klIOdn9x8-WpE1zIzW5gQpGqa4rpZUoIlVIOBXP-NMmkQVbGTKLSFFqIz9DgDt1jhUjAIFMV_mvkT8GTnecMV4y13FVGB6m1aVw6rejmtbnnMvn-Eh5YFXDeXrkDj5MuZDiKbSqBszhndLmWyVwGchvfpLJb_H3kvzNcRebY5aGBMGUxBL22bChd4vhrHV_vDyVr9jaYGo9XZmGY5q9IeFGsqqmKuSyjzNOBvKKo4ssg6rKBFzEPkL-sZ153ZWmwtdqlDVg2qEALFiCxGlQFQVPzOxcfJb7yjDOulvmIztvDRhlS34irAm_0LPPfF4_VVxVzq_GXqW64Ye6MWn3-zA.h0YhdmOoUXGBHy9xkfXBUw','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3JfMnpjc3dma2hwZ2N2YmJjdWRycXl5d2Y1YjQiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..TxCxUGuJ1_Lr4ZVq.fgtIrfz8aWDO7A03hCm66heYAH4C0Ls1entJPni3f1YPjjxjmH8eqjF5N6ysZmVz8abVaiK0lRdq6YyA-gjLoGQdf0apo_okZCuAxKq7eesiwpIY6-YfPoe-XWhsryc_jLva_idP6reXZTKnJh2azRIgg6tINO2_5hmRX2Km8kHj7Yz9Y5qOmnBdbipCsGbTJ-4aIbTvRQdcmIYndXjHwNAcqSDiczFNlKBMQLoMnXxsNl6goK1avrfCNUEY8z0pgWpL6hjmfBMQJLYEo6lhsc9-dNb5l-ZOJYFLOKzY70WTkP2YvClvuB5N0j-QgiSFV6P-AQGremkjA1EFterfeWsfZXdH6Yb8iIiqMUAHTC_qZez-1XV_RBIRfHoLy4HGDEvS_MpVA8x8-utDY7CW9HRg6_ux7XPhD1IeiKWZj9cKjvf_TDqrlvotKuhe8X3nf660tOzVaRVSrUlnjs4eR98WIsCV8TG5Nk2IVttnbWVcL9qC-HGFcqqO1kOZxwMxdkXxtwnqpahJmVcaQOarr_ntZ2vWZ1LI6HJQCDzwrPzn9vhy_BxAL89uynegMt9HMv2-HOJyMccixwXNHC7TVbBr9xIeRnuJWlC5pt4Ik0kccskUwmX1696Xuycg4CnVFKWl150uiGGmvIacClBZY-mdwo2M2jykuPXQpnFktxw4kK-1VqrSHmhuWX5Z0vbbPOF6RUTvrtZr1cLUic3BRi3wKLbPzvOTsCDyFyh1qtAvI1LuZ1T9pqAltNcWx7hEgCXgInSN-UqHRt53VARfMGg8q3XBxcx7Z469jPuiXoS3V0L-WlTGmYElAyMF6rfzn7oYXaLlgBAvvjkjt01cKK0AiDGOCKcNuR3cJzZzYHV2dhQUiOHERhBrXVqT2OwQOw.VkEHpT2twwCKtjV7xf--Mw','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3JfMnpjc3dma2hwZ2N2YmJjdWRycXl5d2Y1YjQiLCJjb2wiOiJhY2Nlc3NfdG9rZW4ifQ..xNjFdTfo9QCfBR8A.ilpyUKvrzS1LXccgRPAPiWj82rxFAr8w5Z6F1n42I5FXSI5tyBPYEQOgKCGcwZmZnu_IHTWieTsqwHW72uj9-ifPUcJpGgyNk2xbS4IMJsI_IYs6DuaMbSppc11d1Ou52akwojQPaGI0NhC2VzclO1IMf2F-sqsqOLQtiTZlZLjLhztv23RJCfG7wBY_SxPm-ltW4GiLUgUs8N1yTmo4-P5LYHVvqNybP3T7cirB6pVFOCWz05vkA1IoN-UcBEtrLLZlCV6Pbfe2_gzibUZCaeHHq1vhr88egz6A7VF8mj8kqC7vgN2YfqGzmkm3bGruNqPjOfM1GdTn-7NrZgL9Rd_q-8VSiJeyR4StBCMRDIeEpCKkr9EWwldhi_onDote_kHKAepUKQgKBlKMVt0cQQTZ-ZYQ4C1KJSNvF2C5Z2quXhaTSYyCW-ZvjjWG5sZ9-gehpUiDWuLpTi1TSGzp1Jutfo5ND_XmQ1ZG5fIm6stE7s0SSdgAVZ36oPBkx-umH0veA8B2L5leuFpTwGzFFEehwl-evJKLrtu3JfJaAR0rqp2h5dKR0NmuFllSZS08zBlkrplZdpqqjR-Qso9CK-SQ8O-mOlQO8LDHpAiaGAF7SQiCarNxzqqnjemXbV2aNW-ZEExJIsd3_GOzxRxdOg3ECbTkFpxLtNzEVWg_pTeU0sriiyS5IGWAQK7KssRalN3Ozz0FGc7_kIiuTYhZKveQ9NCne_t7zcX8TPJe_At1Or8UJ8EWGykcb9MtxJJdp3Xo7_LxzsZlxqWOjhDkGV2yPw7rrC0sZQi1DemiEd9ZHpZ9JH9-v9oYbsB0nHqJV7eSZjLAmPMJVOt8RaWAMHHEbSmqHt_yFVRJ0m9h9jGRKYq--X-TqS8EwGfsDSQSv0EgzW9K7LUCgUBr1aJLHXq7MIp0Obj5EqVj77Oy-FyeDM1TSQIy2qbeE3VWpl7ouKxaucpL8MwzmmPSqheWqS25-iO-8r5HxZ3lxmhqeJrlxcU3M8yhYQJBKggbEfnBAp88e4hMCHcC0NgzG3xPU3p275CXoY5uyZRbexkE9S4JRhJta7teaUUBf5Bl-8re64T9GMZM8U8ImGM6Bo5g0lP9udcXRP2H3t0I-aiI6PCceocB4APAYUkQMH82QQPtuEKofH8yAV0sxyLQbWVHu74NWKlCFy-tmPNGTzBfwSfeGfnZu9uPRS62smQxdI7uu-sbms17oMaAMpW9avdpOZDyTk22E6Au-ArXdVqKBfzJlcywHL0xep29QRp9u4LwX5FAtjuhH6yo7Bp-hEM9v4q6RZpXz97vY8mujne1Wr7WwJ02tcVGQMrNr0gVAUPQE1kZOrHK0AmaC_gJdgCeoo0aTzKI69b1ecp7YUi4Pq82VCZ38alvR8HWSfqHo1LKtvUb8DSjvzszUYU7l-P7p1k7K9R6TbrtU17vx1nZeWycOIgxrvxbTxicwk-rB_i5guAexk4LIEpGK0hnq3-0ckQJjg7pgCwPEOjRmoQRgkNXbWXkKZKXkl_9tBU-0vGdLfWc1ifHqhiFtMWjgi2npodlr8wsqwNMrZ9joPHgTSmMhrKASv4XaucjXaMtfs0rjQhLVBlrkN7IBQ3OIGFkWb38V25ll7-2rIAvIF0CZhF5AjO9FIC7SljhFMZLn1QfH_ICRhgys8QmaVG4x3aRqZFliOlohtXas_fXYp0264rTUvsYy1EhylE_LAm7AhcRT2k7jBSe2OOiJ4edPc6NcgzlghQiTPiAREhwTL2pzLAm1FTMJB7YIY3gzb_IZmGfVeAWrCMvCdGm1oT8OvTaS6T27BYf08uyXDwp8H2EpSg7n3RYwHF8bfIyuNuzsIRL8fAhV_sIppLlFhagbBOIdInX4IPCbbZyhqebCNlCUTgYj8gg8LPZEK5Mlgg8MAvH5hSlPWuFZ54aSTEyUL2qIp7GPFd6Nk66VrkzoCTW-AeRnLsrvSIx1lY-9nulb6w8KiN5-Tb5Zuu2c_-BgrLTIz2Xix_u3gv8oP_wqZaHmkXEvE4Mw7mHjRb6xNw3lA15nQUtR4ncfLtYMayE9S4ECqxyLS744vcEUr91XM1ZRsloXjCIk9wmr7q8xLlvBsdeGBRWExa6ZSRCB4M0tFz-rdRjewqEnb3Juqwt7foYJLhkUNkcE2ZZ565Hh7peiT1OxnZlfjqxkZsk40CbyvgypcS8RyvL5Xmuzc41Y-BljDe_K4mRLnY3zoI0odUvmFBFvcg8yRs29sWE9BIDOtXI3nh6O2LChdbYP7Kf9aB5JxHNvfdld1P-Kybsxpl9Qf8Xj0nPNkWPjeT_CV7PaZ7RGVQNQu-gimYZgRoMeSS62oHHdPVa_HXr-C-_43MvnESh9ScgWiF5Ies2Vf8J210V2wDYEsh1p3VjBKhVMvryIZT19ZkEZ2MkIdJZLADzvpvdjjQ8vYInxaVXA5bIw1AKHRDpTW9c0HvSZ1w_OocuSZzgWN5g1Mi4jx4s5m48Op18VdUhfzV8TCoH0AJo9sW8mHqYclTaQ3gu_at1xnTn45KUGxlnbvLL9ntYZ6_bn3qbHyjYjfbWdVkrrRi3TcUsDZ50wKvNgelCSUorh7nlegLY860wDtCsQWNPQaR_Xsp80Mz8ejN87rDoZaZaVKkfX8PAsie_4cHAJQgYePgams2cvcAkE_pjJA-XggEwMcAOeF0Wufc0ynA-qg-1QGDUIwr4jxj3qOfSq0qu2hdR4wBAg4M2Wj6UM_aDFPeSvsCHIUA65xdEFIsqbhs8I4yWyg0PC80_7MhZ6kqGKW6rO3tOcPQIxLcXBVBBarfR_2-A3m2z-J_CE1SVeriQJm1mi4h0r-gk-P0EOxpb5XWvFaLbj3HcA1T4JOnvVvRavuTZjnmUKq6QHoKLykFEnpCG8qEvs3ydilPZZZAEJa17yHVwrIVO-cjUF2BiANA0bUxiYNMKIS0f52raa3LeGpWsI37QbdlKRL6HW2XadLLAfmd9iasb4HVwE-WPKnIZ4_bBiprTyd4EghrCq7uTGHFhCNctcDBrwuU8YSt3WtVFHn_6IfjFTm-Sq4iVuKcBhFo2ZbDipvLFZRCY7lVRuX0rwhmSkmh-EKBPudlQ-2trX5YrWaYC8atw5pLvE4SYhziJ9uFxL-9wA7QyXRg_-156NUia55uxP5NqOkKEb9NI6XfWtJfLg9JB9rbc59N2HwE.i6FJndSz5OKmfDLLQq4xCw',1795522153000,1795518000000,1,'yz8Lj90xVlVgNx-H',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,1795518000000,NULL,NULL,1795518000000,'succeeded',NULL);
INSERT INTO "grants" ("id","state","saved_at","expires_at","created_at","client_id","cloud","tenant_id","object_id","account_type","signed_in_as","scopes","protocols","refresh_token_sealed","previous_refresh_token_sealed","access_token_sealed","access_token_expires_at","refreshed_at","version","written_by","lease_owner","lease_expires_at","failures","retry_at","problem_code","problem_detail","problem_facts","problem_since","last_used_at","failed_at","app_refusal","last_request_at","last_request_outcome","claims_challenge_sealed") VALUES ('gr_sxgmriofakfh45lya55y2cgqcf','active',1795510800000,NULL,1795510800000,'f0cacc1a-0000-4000-8000-0000c1e47a99','global','c0a70500-7e57-4a11-9d3c-5b1f2c64e801','a11ce000-0000-4000-8000-000000000001','work','alice@contoso.test','https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile','imap smtp','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfc3hnbXJpb2Zha2ZoNDVseWE1NXkyY2dxY2YiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..PSMuqq6t8v9_srAw.mr1CP-7yKjKGxEt0vB_ZyaomQhlr3NBYHyVvjKVEAgqL5GVZyqdVsvdOvfy7ZYte09nBqInWzIkbJAuKzVYHMdXtjizqFQ23JHNzcNse0VFYD0V8ciA5FTKsGPSPsLUoMxLpB8pak9j-V6SfR63cR_ml5zu5zxiTlht80NBSTAWSlrPTE_t_mZkUBW4IcGmEdTK2MaxQoNYrX9ve6C3zGQuNWLxH5j06FyMNhHN5dg-vdffwQhHO4Ar0qgnL3D40_asFZk9YpYHgkR--9cPlbiG3Rb1Hxk4-raQRk2ak4aHgRQcNwFAXpUvoJHSkC8AgLJaDKTColMkPQ-VW9JCieMtTyHEB2Eopi1fRuELzAmtQuUyIV7x5I16qrIV3yNLzPxx7YI54w4WyUhgvoE3POWD6UIjYtT63ipTGli4weFgCeuY5puKSGf3gy_btE0KiWf6Rlv_NSHR94Ent4-KuXgA7FxktM3A10ZUycLNBc0brmUqIjmbekWF2kdT74ip72gPGB193ZHG3G56oiNaNDLO3LkYc1hTzCWx7ivRB8lJkM1kfrz0I5VEOEnReRX24xjz7_Nh5JnpolB-REFkGNu104YrzwjEi3U6jUzJlB9-IegdnW3k1H_NrWfOHuYguAHTGnbrCH2W8-UoYeSWWav95yGrfgeKrsy0a6YMvxYaLV9IE5_0kPHlE5mZ0O7FxM2rnhkgDpYoU7_Qdb0c-IRMyDoFP_lSk1QI2WfnlwIQoe1E-7f0u1Xy_8NtshRgamUvMXneKvfcQoHvFDRaiApeOazvtvKbaT0Bg2zDBfBweNIPpsm4htCS78Qw97MJ5R83IeMpcY6-rfh92ndlsHSbijL751A80VE9YnvutfLuNABFVTgVNbgxp4NSuI5OhmA.0jEZ5m9-Lo1RVI5do_-ilA','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfc3hnbXJpb2Zha2ZoNDVseWE1NXkyY2dxY2YiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..3G9coRi-spvJclgd.a2X35w6m9eqNEo5E0gAUH0XHTQORYrswkVTzeArK9wJEJOSXkb3R4DBzL8bcBk50Uy5QrPpRd1oV7tPo7WwefdzuzZnc5CIxjrEEHwWxJdCXb_OOLeVwCEBJB3IY5hjGRhHXv_0uIJD6vkesEOVMSbJeqxpDvtdANaEId9FHflT-g1aSzyvsqCvNl5f2ZnJjrget1I-B3Z5bVwcsz1KyGhzhxmBntGAoOIBUpKf1GJBMqx4VJanFMSwaN5rgjEUp2EALxLT8KAXG8FiNs3CYPO3oJfMdbD4mG1APms1WbWrMViBYp5DfhwjcnKcJePwSV_wk4FEG_AOnbwLTI2LBF4qmPqVH_wG-fuzl7UqYSEZWtezONzGVDLJoTPP08CgNCSQVwgeqcVRtbdyxiFPF6k-moG88so4-9Bv_-n_xm0ultxw_kQi6CYSN3OdQeMC8PJBiKWFwZQAXdni7W1mwUkehpwDPrpJ24E03y-w8rQ_9FMaFtxP5QQSe5gCq4K4Oie-JcNU5BhCJmfqIcETIOIYD75kfFORi703rcz9crvBHfEb0PMKDvQICsg2IehYax94Z2_w4P6GgzeayO108IDYxVZFl3F8r8nfOGhbJWRDLCDMgnu-dkyYRpHr8EjmmoKhrOqZoL9ipcLb0o9REVohRbUpnix2E6OLcEM-CcWJRd73XScb8j2xBS7SI8o37G2jCNcrbUP2mryZLOxcoX-58368bTZ6MlWvkG7QWKLyqcZU1m3lkA0Ffa_WFLytIgA_C5UnZz6B9lHdAEHUge5a5ePAqEpkur5juuvqOzK5SCEz94DomX89TSCP1wqPrq5N_4jl4o8eqmPvaXYdGD0qWzhi6QXAUSB1hK9Tj12AC3O7gQNITpu-yOcDVycF7yw.FFlFuCJWJuFQm398bEVPaA','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfc3hnbXJpb2Zha2ZoNDVseWE1NXkyY2dxY2YiLCJjb2wiOiJhY2Nlc3NfdG9rZW4ifQ..y0lf5wJEtJiJjH2U.6hjgBsVrCXu9R1pHrVzdPEqsKzKvOBFk5XznExtPFvWdpP77nYUyLMn0dQK3VVmoASnpmLjbTpW7jf79WtaGL9SVajqZjsH20HmPqixJbBTxwP78rAtPJN0IWfhzU2GbgGG_6AAJiHBqSz6QKYaI0Vp8M3H-56m4VAwGvLOMf6BAJP2PVmLenIePnn3iqa_GM2sbyy55f8F2Lc-de61Ae2-WXvmwUtUO8IZfVnIcJc0kOH2hJOLMasQbZ7oSb2eiy-c5Fbv6hdM41jcK0hJQIVqzUp6g_hJGsXhHsYAkM9wrzjOG7ahLLOqeYtiMIxN_OLshkihkN5zdCY8h_ia155gjqDbM1OVM3UtxP8Zo8PZKe2bM_Ry9zgQaGPzky8jsdEYn3DjUSLyCAEwTV3WQT8KznnPl7_CZYndYUQxBxq6SOEpPWXSCvnIbSgItdjPFdxIIulJfo7IBZsarlyMUQW7tck2sttbRqNVzaDmzxFebxC3Es5kl1Wc_09YY5qWqAjMoatAHVd67z7qFrcU8X9_GiG1o0YmpI8mVpyi7CQTXnhG5yFZqhGjktuUOnP3kXS2k8IK6PSXe3z8dUzJwzIgpkWcpAFZasHj6XWAl4zhRnLurN2xD48aDfmYGtKQsBN7fVfO9--Tr3zWmwYoBuhuxaUHAKLWYYHEMxSThPB74X3UWNK5_MmF0Dwu2DxQjnAewOqxrQyff4d9B2Qan-gm0Y6c4fOn9klr6qAFYCU8ZQvUemm8X6CIyP4gZTISc1FjTz2hBC5pdhjtJ55k27e5Y9WQ9X6GuHfiIS9Krp3steOZz23E8ILnM4ReDcnAX6EKDYC7ASmXUQremHF1mbfZ0PAtU5W3yC6t4S-tJEgyOAWQ-MRsDwEVStcbHroLr9d01T5KTFOMRjfGC9vWJveE6MlnMEuUtYNKLxtBMmRGz1O2CimhcVxNQlMK5VmQxkJ3FpwnHXXzbm1Qt3YdRFGQ7e6GYnufLZ_RsWNCX-1hMH3WHC-L7SZsslPX8TNAH1K_JcrWOZdTyZRuDoKzD-iiXkLJxsVzrj545_gl3ZB_h5yirTFK9jJ1xuIyh5_JA89yh5pkyC312wIwShzsdV2VsSzQVGFMzG0O9lAIRi58cNIbcBO2Tv2B6PQTLhuavBl6ALTJ4qqSr-MtnlNjeiIX79fBa8UIYVvCw-gdLZF74vp6alebYkNqdGQXuPEOJXd7Jyt33AZOkPWuQLsW4ZyHQBkm0R5N38GCq6TYVds4mHBZTiJpFvHSmblZbKujhGxDwrBJjxmtW9EA-vsL-oJJU2xZpow1Avo6S1r6m1ASG1y7IFamp6jOslbWhQesSvBBSa7RrVjzx_yAbtoZUG96CKXAgSnx2Mn1nvZnSL3JGfnq8FqGL65vjk0XRaCFL0xC0R70V_ZrWrOSXzb3BgaP0xJNJ8Cxmi0Jitzu9loccAVzikTHV2JkeB8diFrX5JHY3r072dIN5PgFNMfLsXO8K-poMUM8jeVVM4moqcjlQEDECsns-Bd2YV6uiirDitHYziQWHaddyokxMQ787KZh26P1e6jbPxf5hG4U7PBjDLbiToO3E2P7htLUYBmU2RiUvRydKYrDNu2Zy-bCu2xQfoDaPsLX3GYZTopdQxh8JX2PLFz3zzWujcIBc3isETV77q0Y1dvzAFrlcCnKyWL99zbjZwiiCLV_1gBhujbwD7_XC9NIT1Ff02JfVGIkXt6Bl7kERga80ZhdZ_TTbBokBtsLdiQ9NQz-jvSvt0DCypySoi1p5T6yqlNJY1S7xnELLibGs2MAvEP2kFCBrCVI1VvAUsFjN7UJ3CS9YZ5epu1bFLQfAiC4Z1lh3JgfOT3gpSzQ6S-FxSfvCOQPU3QDUumr4xYESGuIXf8gWpYE0joB-G5VEK5XRTRquYIdT57wjEnXqg8vOiCikB0UKZvf5hEIZnggF7Z_jazMu1VcFprzcvaa8uI7AfFC5pTsPD_Tuho-ZDt-dKhcvB-BecvaGyfGB3icLx0PB6IRZ5zIV3Y3ZwuY8tYArMy3aus0QI8NCXXqP8Ju82JZeZ0Vk8vwhPGSDIDhkgtM5NsuUuaHT3IHSaH5f_Di91qp1LzhnHqVEjB2GpwRTusdUcoD7mBgXhmw3f0nLlke5Y8bjhdMzNTKirE_QlKbM_dKogyMFpUfG-jaB-CBsPfNrThJUVwlsJB0gOTP1Topc-kI2F1q-k4QbIFQuKwubsUTqOBiIqOLkY6V-WTDsKqNx68aGRg-XK3eS3I6glQv3ir0ZFihdomoZz_lSBfOCyEDPWaPsu_oO1IBKQ0ubdZiFC1IQPRXOfsjzRbdqVpGuvDov5kqh7u7K6ALSPMUuRbLIV0GPgZmRwFZEq7XWYShgSr-r5Vbi-resBS-b0F25ElRh7H5s0ZZSvAg8GEVCQWbW2EF8Kso0_XmeqvxbeXGkY9frZVWPVfXoRCxEjwUQzdoHqADVYMoS6nNau8UIEvezILSmNfY-vDj8nxmseOTY4mlMDPIxXMFiZQSVE6dZ7KyOgkse9wUzf2UMiGLkWqAbP9ioPda2pFMUBfIZQiGo7FmIct-m4cYdrvCsieNexmx6xGsRR2UFC4LLaJx9z-ywFA6t67UB8POeFsycavvbAAjqGuYUBtD6HJyzuCHNPKvhYOK7XFvW_W9SZ2X21FDWtS77MeIKxekY8Z7VJbQ0UElrZsOTvmEwBhhGhcjMEVc1WEpHt-tSMY_DfttTKp7hgbxtbmepd03PMg5nPxlkAIqgPrQitDLs0jTWk5Ks4NVxAlNjSmhPsVs3l6EZd6V2DTClDHfMU1nI1zOsdk0qlJN71FfO2ZByUYj8r0xyCWmd_T1p1-6UEqLm8af0DQXs909Wx8Gr6gTj5RUgMtp5WHjEmLCyIIcPYsUyI06z2X5LFRMHqsMtfFd6ZvqHE-T_Oe7P7XPoxueF1eBH9V1Si4JMTxL4XdlNPV_j4fxLGygE2YlpiwpTApbItj2S0bs8lu7r74TzwFvZ0gRyoSLbIkjKRKviw5-9fF6dPKI1FNBAQSU7p4NM3inTZRf1_TZctqm9uo-FFdhE9I38MZXaHn4dVzclwJfF6vGKBGKNmfOlVDQjsFNiSlmsNkWoTKgjN6-7mcyXD4hvpUsGztD_f-sGU9txKQ3B5xmXsPTjcZc4iZGpvo5EFiN75gjssy15W64.Dql3uV8nsyeTOWtggNFA6A',1795522280000,1795518000000,1,'BolkiB_gtSVKeWn8',NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,1795518000000,NULL,NULL,1795518000000,'succeeded',NULL);
INSERT INTO "grants" ("id","state","saved_at","expires_at","created_at","client_id","cloud","tenant_id","object_id","account_type","signed_in_as","scopes","protocols","refresh_token_sealed","previous_refresh_token_sealed","access_token_sealed","access_token_expires_at","refreshed_at","version","written_by","lease_owner","lease_expires_at","failures","retry_at","problem_code","problem_detail","problem_facts","problem_since","last_used_at","failed_at","app_refusal","last_request_at","last_request_outcome","claims_challenge_sealed") VALUES ('gr_oevunhh2hk5s2efvvsdyupxbyr','active',1795510800000,NULL,1795510800000,'f0cacc1a-0000-4000-8000-0000c1e47a99','global','c0a70500-7e57-4a11-9d3c-5b1f2c64e801','a11ce000-0000-4000-8000-000000000001','work','alice@contoso.test','https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile','imap smtp','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfb2V2dW5oaDJoazVzMmVmdnZzZHl1cHhieXIiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..RZF-pz6ME3K6Ay5n.Ts5wO-LImgzhbSsSDisslJlQbEx_QxGWJP1IiHtHNiUU-AWf5R7azV-x0B7ZYFHGRh7-Hxd95k8pWMln7s-TRgY_CR29Hn3OWjpqKiL-sKWwWgfQvf0ItrgS5i2wQ7nFuKnUQiPYV3LezAlv9kAwM9vFE6xpBeTv15a5RDjNovt5PMVCbGtinqpH2FfHyZCVX7R-C51u9JRwO6UwPLrswbfYRmviABnvt9AbuqX3iya_GwK8jQtFadbl4m9rsHqvggK-nwT0EmpC28rRvPt7T3xaCe6lTkVf9HHgWArOE057kaKlRisMuJF1-4lI0WZef2EIs3bN_fmFOn_0SF0GUWSqdFytbkFOV16ukJoa8TDbzqWcqfyRa2K0-Wec-Z5v9tTsVZn77JfGhP6p_Dzc7rl4WGpfjjStR58nT91ujmWXxQhLwJkeoUA2X4rGuSmHVFEWW15B9SHc23hj3_sGh9ht6MEaNzIMYTgZNQexPnPcC4M3rRD61HRO1M1jLW5qsxGWnFmIh7DkuG_uACga9_aMGm_V_9LN23fxbI3UPfqTWwzCwj7ZZxLy6dfUKZm06uWffN7RNpmjI-JMitd1SZ9-pMO2k8UghhBnuqQvfRgEp26q2vsOIqwEU2ZtfGiHIePAqsBD5_E7lr2weOF3nOUe-3F5Xy5FNd99zGoeeAHDkBPJg1ie7Arnz-hQmQKK2R8fYoA1jqUcCJ81dxmP6aFUF2R5dkG9fLhk-nbS8Qnr1gsrB_tJp1qfTNZtJXd4X5Pvhu_0phS7cZox6HUUnLuzgb98mGyvzdue4YlI1OvR488EBZGFvg8m8PFGSmajN0ZcNRZtOj1nyuUbmKzP-1Juc7WONs2A-gUW0eHSF7stmYuPKxRh7LcTBDrHJ8uHxQ.ExU2LaG-JQleSZh2awvyXg',NULL,'eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfb2V2dW5oaDJoazVzMmVmdnZzZHl1cHhieXIiLCJjb2wiOiJhY2Nlc3NfdG9rZW4ifQ..75oXbo6uKtR3-A1V.yhyetVOCD3xsPIN_LKLSeqt5HKfYkaCUTZZtLBhH1RVIyhx1GaHg0X4gIAMaOoLalb5r9BRgfGWCrY_JzemnW7k9UNDcXn81xnWnOkgKGAwE9CL32vO8dri3eKkFaLWVFTErlCgYsRJ4RdV_wmpaP9M81CwGek4daXi4pOnhx-uJfdVxTkNB7487MQmWHZwMDnvClQQ_bvnHzum0Cjm10gA4jhRYt2TSXhjGyDjbhcQaXR7v3R76nPUB3XcEkk9NaiJse5csvDPyLRxFocdGXPyyXnsZyH1KHmKKnXsUJsbISP36ZwZKdZ3fqppp-wYTNe8GBJuX77uYWR8o6dNxDCGj_c9qS93oLqS7ti_9QSzArxAzSpoFwaFEF9fHOyBL-3DI3tRpH4KhDg7AYYiVQrQHRjwYlnlEKmWs5Xf1ZKJtuHoT7ejr03pXztiRcfUYPf2htpUVTlX4aYzNoOFavBkVo2-dGinjirJzpNZGjL2JYxuUYhqUNcy7u5nk94n_3EZIBsE8LC_2MTcMIaLr2bfsDP4KNgQISx-mEa5wFigNValzI_u5ieGoO6d-C6Cx8HoRVrYrnxtvSSNPJG4X-ISTf9Wj4Z4LN8DK0trnX8XZ4cBGrdsVOHkH8IaxHObLIssMNQGd7jX77f26CjudGqIltDkU9MFF99l683tO7LwbIADypW7Kw42byPwrBFZe6syQp6WJVJF2PecC87aH9yB2qN1Fwn2DByh3aBZ4dSd2NwWh1iTONMfzGIYFYJfWUO_1PVlaTawQbIcJ-Y7nPxE2FYpQa87J9KOa0s7njXujv7T0wX-c8SFtW0SJmdPztPie9Un-0WALpZH2GNkuU6DIFIkSHmE5by177RCkQ7D-Q0N437nKoKPCnQTzzx-jOOPmbKYdm8F0VMsvT7SZi1Oj3CX8zFoNwmvOW0WKPE3-fBdbObXRIWTMs9BXcoH8r6PbyZVg9JayA5zvbR5J3gvHUhQneGSvNNd_2F7N0GLPAF6JIV4KRAjWrI7WrWMM4JDPHlsmV0GSLKIRJtA7W5a4pUo1KUz6TyFFK6JV8UkYkHfDfNodxUth2TYAMOGPMTnj8CY5gRINDvO_0KYj-nWTFNkDuSTC2M-jSzepeLGph8ej8NmgnTFYOsTuGxiSCGJmorphO5WlKS_8Pz3k2lEzWTrYoaDbkLa7HKJPcR2vxIASEK0HnqVJ05eHdexite17f35m_nk8BZlPvm_Aav3coCHAu2FUEdHMRNN8nAI6jcy-lIP7Z2FBy5V-Zsvvxpvs4SMTA4ncet1daU1c1qmYGDn7u5x343d76sj9K0bQQa34CBapSXUNYmh8SdgX8IytdGTKhqWyvey9Uq3xez2Kx9SuXL4Xki8nEEZ2Vh2GzULgjtu89RRq-yjYskTDvdLRbDE6ijsV5jYTJIak7IDCmY_gWoI7Vup_MjSnNsG90Cn72iamNRgpkQ9rgi0K2gZoyZZ3GkkQmbi95ZUABOUaGXjg46IHRpPH-8QFtG37Fuo0ZzZv_XGs3r1yczx_ANAy40Na7LIr8BfJ_lF_QEvQP7KneI212ORg5vm4Lr-EadWGwnTIYPZ-F86vklCTLkyBKUw6a3G7I17mUgDu_9y57BnH8ExhAywzUR0IFkhI9GeUtFqvvWGM3QQL7hq0Pgzrhd468szCIN7v1ngv91UXjD2gSsAzAC9OKkl7qHTu6G5UtuR9oa3i9JorLmOvFgg1118K8TSQP4zdtcJMaOcFxuR1JFy8r6eTTWDb9YFHUBdP_uS9iWqXZ-jjKk3VVSz63v4gtzWQFRKAhJ7TjBkqzaBZEpEJXUaNe2m2CK20l8139ieo6AfT85N8UF_mYk0SoGsva52LxGuwFO7l_5eRKlphKAypWgv7l4Jbbsmr8F6cMDXNZLTafr5_bqh7fVG0n92yZW1AzWKJSB3SvV1lNb2wivuOZjTd_AC2Lwi6-DIfuQGY2H1yDzsnLg3EOoxn6aQz10IPcJtvY-uJ6ek57Te3azmMGvxzyyrmEzLVWQF1anGykJDRye1RBhRyaTqdnuPQpWaRfN1btIREyjdj6vLNRgssh-_O2m8clZyDt1O8u5jzC2E3_6oVM6_TY93qtVve0JpKRjtBKyg6LAXL5dKL7Ikmtrh7OwgmCHhGBV0S3TJsUW_bVXujQ1Ib10ybQNJSFEgfIv3SQZAT_Pj_k5KVzG0dUEMNbp6MhekPQ1RQN17D6CxWpqxAOnm-qNT_wAY6v0AEs9c5vZMSNFAFQdTin-I92vGRWNkZyQG9cJvIImooXnP5xeV2Uxi-JdKSVa9r0OZZ4vkOWMJ6VAOCv-sW7BT0d-GMA3_lC2JV7DYIJZSn1YEAELTPSXPXFeKR7TP3NWjXj0Go5rVF5ZVMJRgvdixdB4dlcTpqDeSz2kaJlSrp6YZ7bggHYYafG5-Q8kJ717-Mbc8qsSTPZBcWZXdscZQu7MJv2POM9J9O6BFSse-SbvNW6azg2ef9nBhgVOSWT6cbXIdOY9etpr0lHVizvU0qGq3DsH8eMPeRlzETHu33irmFzxKgVOBQtv_fpDbjsxyYObs-oOXc3DAxwdUkfLQNBWNwVjt3e4MgqYaFLygmxZomAmw5f63bNoPfRr-_ot3Pua3byZfOuo44kUlEoiYCJKYSGqDoqkQzH6w-F9uv7pEgpZdrRHwFd-b8Yhy0nnVE8gTQz_d0tdg_iNT2QxznWxLaFCaaEk0hizpivAuSOIRy7mBbwF-kF2KX1_1Ng_pJwOoBEQkb8pRMSRWwTd_A3xDPcrHlW6F4MpPWBf3Pnf7DThzFUhMY9Re1qV7vX3TO55OHiBCHcSziN9DB0MwjUIMB3fCCg-7x1D1F-vGHfwDjoQ7XVxXxRzeu4keTXly164c28Y8Z7UnIn3YCI7VJ8pRx6vT6QJrCNmf22f8Vu1OMpaj_7GRFvh_WrQaAm5kIJ47YJa7G7b_kKjFYhaQQq8tm85gW98YF5akD2GiJPdyvXN-BRGNQ73NvhBg24WGpWMYxQU0JWKx6MRxNQaMul-bMMY7zw9OBjM05uAI4rxMbw6EKm3AbKayUlPI4UFF7tA9QxmDd4kY_fTKCh2IIFsQgUMjUUsXvTGxQzgz78AcasvHogJsjPZh7V9TpIlkn4iKUR3uTffkmwJfRnq82-cFerGHpvpDo57SmhSdshhZU8qn2dm4.ntothcpHDLhJ8jAupt_hDw',1795514558000,1795510800000,0,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "grants" ("id","state","saved_at","expires_at","created_at","client_id","cloud","tenant_id","object_id","account_type","signed_in_as","scopes","protocols","refresh_token_sealed","previous_refresh_token_sealed","access_token_sealed","access_token_expires_at","refreshed_at","version","written_by","lease_owner","lease_expires_at","failures","retry_at","problem_code","problem_detail","problem_facts","problem_since","last_used_at","failed_at","app_refusal","last_request_at","last_request_outcome","claims_challenge_sealed") VALUES ('gr_wn5qnv76542z2hohlqnsfasdur','reconnect_required',1795510800000,NULL,1795510800000,'f0cacc1a-0000-4000-8000-0000c1e47a99','global','c0a70500-7e57-4a11-9d3c-5b1f2c64e801','f4a0c000-0000-4000-8000-000000000006','work','frank@contoso.test','https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile','imap smtp','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfd241cW52NzY1NDJ6MmhvaGxxbnNmYXNkdXIiLCJjb2wiOiJyZWZyZXNoX3Rva2VuIn0..zPFb25FcrgdM49gZ.tX83zy75PoXp68-l8nbqSkCP4pd072ofQ028OcnC_XRxpS2lZOfQeooSeHA8yOx2EWxlsDuhPx6A-E8kXA1hzMIlhakClVWb9h21uKN-5AknrMyHsV-zaJsVKU-upWgdouWR9cFKP0ueiaaP2LsLCT5tOZA9z9fjdn14NDr1U81hNt0PJEJWW2_Wg0zG6WvpluiWFgD18ND6igbeTHDZoYD0slz7S9Vly0yYw5HF5SarOYScz6zF8lMMwOEglLOa4_InFBGmxXSHIUr6IYKM5gP7ttl16K5XtVbc5imriqKKUGjJcnDJ-AtQ74LyAxIaJaWRccI3PXIxmql2alKSXyH0FLoSionwt5IxQJzY3x4Pz8PtzpDZMDpEgC7QKtNTNtIuOEDSfRh4vn3ZthzF_1oVP_jHycie2_EByfGaf2t36ws9NxCWOgWbJ8PaarAesYUwPuztZFfwmqEaWwoUR1hfDyHl6IEL2fSpQi0dKryEn0RWEsiL-b0LVcxzAz4THRAOAqbX1P5YIOgXtPCYW4PXyR5hWBVgHHfAvtQRI5wSUYtOM75TGJkSSVjQOKtJpwzpFn6VZSnBoXuJS6Wpf0wv7QrVub8bC-KS5ccb12BCmuxTGX0QcUkKETXPjDOJrXTa1ZnZh9nCEUmg0Zwj_hKRnasEOH5Po_d6YRjATdvtzQ2WO5KNZmQvON22fUQD6z49Pi5YOR09ANKdQTT_KzyD6RJuE3CJo0dzHqtpvJ_6VWmCIAQ3lv7B7kiCz-HAlI-ElCe4jMhhrHIInyEL0EqT_BnHMAWt-QXI3QPJCs_Sv37EA_lalQ-0EteRu-vvEUdYs8j43j11DQtDRDKYRfaF-V2r3LzJXFTDAQQ1wh9_Ih8s73DFu-Lhbar1Nvw5nw.S3UwEYXF33a9HHbEbJWhqg',NULL,'eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiZ3JhbnRzIiwicm93IjoiZ3Jfd241cW52NzY1NDJ6MmhvaGxxbnNmYXNkdXIiLCJjb2wiOiJhY2Nlc3NfdG9rZW4ifQ..1eexjWwushmwfRFk.VM-M6mrCa_PNOyRGLXYZr467JLhyGTc0B4-3sKcwqUPy2H6GqPqjqz_BmgcB6mAU_6o4bVOIofODtZMwDC-u8lRhCbhDF2fy6HcwlaQ67N8QR8YbPvP6ZU6agmL5e6X0iMaFT0IZmgg4plSF3fEy-JCRvWYiKXIStfQwnt1hH-Xz8qtw5_F2x5BYvaIiMzcl3XAIorEIX8mXin9TidJK9kujkALqhUUTWEp9SFwPdH5VmJekgEvw3wnxXU0dsaKMGt2T6VXc69Djyw5tYDMDRzymbeFT-ab6jFpY9JH_P5aIkip04_MPy_GH7EFpYZQBY3XZrEGmBVwdUD8cmRycQWe49Uw6NZRql3F1ZWSWvCOUs9dLn5oHg6g9S1kGp0Wm9P8VmZQ902CfOAU0giNPQ7ktMOeR3q_NnNcaU-CkxVmQjTM-uDT77KbNLpNuWFYrlfA3MOflXRrS--dN260hbEqxun2ndhkWhUIGFfBZAN0E7Y6zuH7UAeP68O3Pj57X1Xu5NmRrldm7CnfkdFh2S1SxuTj7w4gFoD_uf7ZG6rPXg2UpPvd3e15_ynIJeuiJI4G5mqgqHIBwK5X91f-eKQJPRW0U6qJZDXUW4Jp2ia_bgXHaKKf7cB9Y2g_bp7vacqER41W80UQCciK4ZrD0sTJgqXqAbse9zDqxVTG2g7bN-FinxDwd-zzcbw5dvoBAlsDXa-riTn2W_eCdJXaanbIWnorvKeJL_UVDv8G4O3vfC-5e00odNJ-v7k5osWcOeV2WWUbi9Cf5Joe8l-NhViXc75WF_rGr8OMSLVLeFambtr--GlZiz8OVy9GkVbKvNb8vu-7vZOugVTyH9OKbnBJh_0zYwsdlTE_p8m6kEt10-Msbfc41lv5LUEq7OlLxLjX8WFEQYnI4iDq15JubeMY5Owqu8_EYeisBz0RXp7YWoFL0GlolVNDZVYj7-sw0RkQN_Lzqruuy1BOaNgX9GsAu9l6wRg381fet1b8q47BKsW47fr_kdyvf-f8VnzL0RGGfmeRT7Q2QusBVWg-HKHrcXI5P1nvn8qEL0tKSoG0y24ZA79r7xuEDO8s54haw9x8lbNYakuwr63E1t1i8REnRGNESLa4TvHzB2_I_KkGweUtMqx0cchW0LLhQu6LA24MF5Qx7VIZtAVm4YUjIuv4ym8vBE-VLbiBh8f4kzkHfK9P9czC82HU6eH5kUxKjPT-8mIGFpFm4WnYcsgpILqMjkVHr4hQgEW2mQObetQh_EBWpo3qBDREsA_SaSr9p_bzDJBs1in30fTsOywgG-9iJNvDF-mTTk-ZvjHkuWHvPlrySLBo4D_0MEOitBbjUFlsEuJh02caOcSb_dEG9Afhkj2ribNejFqs3joKMq3IatV1Zet9D9i7HdWd-6az0eR4yDdaFIX3tTQC3xL5cOjfIQNlJC6BoDIfYs_3VIix_wm-Wvmo5sA8zCA_aPJseTyb7rRJ82SNW1J1vXGESB0lKImcqFvOqYmRLTbUX-vDrqNjBclWxvCKzdkqx5zjjbp-nd3FTabRa5Br-DFL4z374As1uyoXjCWJ4Tm-ivaSU8cKsCStAlM8P7HmHHxXRQkgdnFALaBUvaq0NqMllVjKhefkCPQ4bz5rcrmRxtFQDtp77GTDWkpDN7i_iQ_Gwo_06lQxc1eeoU9-RtXK-98WU0dD0SLUmmSV3OkCOzbbWV6baOX-8LXoGeGg0tLeKyxPxFGTTKvkyvtsl70RqWIRlqHghHnfAJKojWBnw0Zvq0983WjSMs7jI7TWj7skqOwPHi1fxmAT_2TKF5_L4XrpV2sLgZZ7iBaDM5MAKsVPUxuXLaNtGispWvyl-PkPW7X70eVCL2M03EanesxibYul6dTKhFNGLpmnCU8xc_ClcmUpW3pd3rRDL4XyXZZuRu1SXFH4fh46t8zm9tVadVr_wGPT1QQyiPcFzuyn_ep1Qm2oQlwQXjq1SBx_CRIPVxtZiXMHVEZAInRHO3ibJSAVK5rbwczUKUmbai6JHdzjnBffxQnRBdsWwRpoYb_kbOSKS-HfjbZYwlJDx4bHOx6VYb9gOjPPDVH0WoWuxbbI5xml4f4Ubh3s5RQqfhzV_exwTxKoCWkL1VzsxaLXvMlXqxbqLFxANoPpLnd871AocaRyX7wBQbmT20nuEFLYBR-eR9szshw0DT5Hhwf1x5d1FqCnXv9_0HR0y_2QynWCHSAC0RhN4xrz2e9Ywcox1A95H8q4bOZgfMCpgoJo11zP1vydagvxxrokmVslrdUwgRsw7cuEwmeEdFKjGuxWlkYmx8Ioa9Zo79bpZS_D1a3A3zjp805FVAWI90JcTWIW74NSJEvHnNBWJ3O60-7QhsfjdpVhgmt9kXCDVhzMBnkOZQXImH6lsLtzac4gkJb2Tubqt0QXnVYdHxb55xaRsU1nGMokNrSfBWCdNwIe0ZRVzf74rWLMdizjnjYGFrbQ9ilyoCh2gros4Gt9U129DMSceMyd7qFGPivuSgUlK0OY6wKy_hv-TKFEBmCmOCGn4LJXaUSPOQZZNXUoqcXgsuRQA5v4KNniduL2wNssHBdTHqoJudYwg050hABygui95osYyADmyc1kgQiFF8vAq3vqkXUrHZILmMi7Z_xvXg4ChqH6T4-n5E0YkbJ77toz-xlY2dtTS14gWDvPCk1eE5huLWkobgdz9Ewu6NARy0HWeKi7OHsJ6qCr14_UBND4KACUfb2LtIBxy8KfhwHntMdjM1UCUhpqpNEqwSumff65X9ApCtWV24NVBZgy2q0XQ_9ehUZWQXIwPqCKIpLrGGAK7iZ3z6xGRHmhALpkR6dcV-7IYsjQnFyktbGvtYSZPCA13gow-9yqjYNYpzaXUcJ1Ys9Zd56T8KQR1a2LgA7zMOzOT7YUWSZBsUF6frfZb-HDhTP46lX2o2PCu8ss4C7-qenI1pbc7rE9egLse29y7NoFky9keC0iKorI9pMPIKZvzgCWGVJLEPndNWgwYFEuW3zT0tn-guRryP4uq6IOKH-sAnY_-r4iII337VPt4BxiNguV483RN_7HQW0D1eLiX9mHbwHQW9DZJLj63k3zWsmzqmCTd7CDA1HVeytLUIMjmtldEZqSDVKRAB4JPRPLEyfh-2Go_FjMfVXWK3zyqLbJyxnhB6LfzbUz9FUfomMu5MhUP9Zfv3lTUi4JRWg.Yu1_juYgua5RJLkrvQgcIw',1795515954000,1795510800000,1,'W-ds6kJ8gEUW2INb',NULL,NULL,1,NULL,'reconnect_required','The stored sign-in was unused for too long and has expired: sign in again (AADSTS700082).','{"stage":"refresh","client_auth":"secret","kind":"refused","aadsts":700082,"oauth_error":"invalid_grant","suberror":null}',1795518000000,NULL,1795518000000,NULL,1795518000000,'refused',NULL);
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
, `app_refused_since` integer, `app_refused_at` integer, `app_refused_detail` text, `verified_at` integer, `next_credential_tried_at` integer, `credential_rejected_code` text, `deployment_id` text, `home_tenant_id` text, `credential_lifetime_days` integer, `credential_generated` integer DEFAULT false NOT NULL, `next_credential_lifetime_days` integer, `next_credential_generated` integer DEFAULT false NOT NULL, `replace_certificate` integer DEFAULT false NOT NULL, `replacement_made_at` integer, `replacement_tried_at` integer, `replacement_outcome` text, `replacement_detail` text);
INSERT INTO "integrations" ("id","active","client_id","credential_type","credential_sealed","credential_hint","credential_certificate","credential_expires_at","credential_warned_days","next_credential_type","next_credential_sealed","next_credential_hint","next_credential_certificate","next_credential_expires_at","cloud","tenant","home_tenant","credential_rejected_at","credential_rejected_detail","credential_rejected_facts","version","app_refused_since","app_refused_at","app_refused_detail","verified_at","next_credential_tried_at","credential_rejected_code","deployment_id","home_tenant_id","credential_lifetime_days","credential_generated","next_credential_lifetime_days","next_credential_generated","replace_certificate","replacement_made_at","replacement_tried_at","replacement_outcome","replacement_detail") VALUES ('microsoft',1,'f0cacc1a-0000-4000-8000-0000c1e47a99','client_secret','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiaW50ZWdyYXRpb25zIiwicm93IjoibWljcm9zb2Z0IiwiY29sIjoiY3JlZGVudGlhbCJ9..ugMAqQ8VV3omY23j.OFg-6f3MGSbuJ2F3bGewFvn1g2kPLAjhxFaNfnGwOCyKKep7P7CqnA.WnsS_te9KQSAidY12GWE0Q','Qx7',NULL,4070908800000,NULL,'federated',NULL,'https://mail.example.com',NULL,NULL,'global','common','c0a70500-7e57-4a11-9d3c-5b1f2c64e801',NULL,NULL,NULL,3,NULL,NULL,NULL,NULL,NULL,NULL,'dp_zmoyciovsylmnevdop4m5relm4',NULL,NULL,0,NULL,0,0,NULL,NULL,NULL,NULL);
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
, `grant_state` text, `validated_at` integer GENERATED ALWAYS AS (coalesce(last_validation_at, 0)) VIRTUAL);
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_c2emxkojdnyhqz4nq56zqfbuws',NULL,'department','dep_7','imap','outlook.office365.com',993,'tls','alice@contoso.test',NULL,NULL,'oauth','gr_2zcswfkhpgcvbbcudrqyywf5b4',NULL,NULL,'va_ernjmv3apvb6tuzavrz4lbblm7','passed',1795510800000,0,1,1795510800000,1795510800000,'active');
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_zazwgrjkcejgvgi6epfbo3mw4v',NULL,'brand','brand_3','smtp','smtp.office365.com',587,'starttls','alice@contoso.test',NULL,NULL,'oauth','gr_sxgmriofakfh45lya55y2cgqcf',NULL,NULL,'va_feg2vrgdijk2dgqvhk7gqg5nmi','passed',1795510800000,0,1,1795510800000,1795510800000,'active');
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_5ikurqih4vfrvyl2ocu6r6ugsq',NULL,'department','dep_7','imap','imap.contoso.test',993,'tls','alice@contoso.test',NULL,NULL,'oauth','gr_oevunhh2hk5s2efvvsdyupxbyr',NULL,NULL,'va_lywricfh2lrfuyffyd6fvyrdbg','failed',1795510800000,0,1,1795510800000,1795510800000,'active');
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_4syx76vnhts6am4oa55wpzzlxg',NULL,'department','dep_7','imap','outlook.office365.com',993,'tls','support@contoso.test',NULL,NULL,'app_only',NULL,'contoso.test',NULL,NULL,NULL,NULL,0,1,1795510800000,1795510800000,NULL);
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_ls6eosnoaqs2pvmc6oqpcbed5f',NULL,'department','dep_7','imap','mail.example.org',993,'tls','desk@example.org',NULL,NULL,'password',NULL,NULL,'eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoibWFpbF9hY2NvdW50cyIsInJvdyI6Im1hX2xzNmVvc25vYXFzMnB2bWM2b3FwY2JlZDVmIiwiY29sIjoicGFzc3dvcmQifQ..38oUpkYbDddpCmsg.emyeXW4KY53S6jq22g.lsTIxAjjaj9qCK7DOI6Hew','va_akeltn6o7adxr5rcayojmybd6v','passed',1795510800000,0,1,1795510800000,1795510800000,NULL);
INSERT INTO "mail_accounts" ("id","name","owner_type","owner_id","protocol","host","port","security","username","delegate","sender","authentication","grant_id","tenant","password_sealed","last_validation_id","last_validation_outcome","last_validation_at","scheduled_at","version","created_at","updated_at","grant_state") VALUES ('ma_tdt4k3mf4bs5lz3f6cn3mvepjh',NULL,'department','dep_7','imap','outlook.office365.com',993,'tls','frank@contoso.test',NULL,NULL,'oauth','gr_wn5qnv76542z2hohlqnsfasdur',NULL,NULL,NULL,NULL,NULL,0,1,1795510800000,1795510800000,'reconnect_required');
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
, `login_facts` text, `asked_at` integer, `control` text, `saved` integer DEFAULT false NOT NULL);
INSERT INTO "validations" ("id","mail_account_id","grant_id","fingerprint","outcome","protocol","host","port","security","mechanism","identity","steps","failure","warnings","diagnosis","duration_ms","checked_at","login_facts","asked_at","control","saved") VALUES ('va_ernjmv3apvb6tuzavrz4lbblm7','ma_c2emxkojdnyhqz4nq56zqfbuws','gr_2zcswfkhpgcvbbcudrqyywf5b4','Tn2sclwOS6We0eII6bRHvjETREVc9rA0Wn1hQc4TIOI','passed','imap','outlook.office365.com',993,'tls','XOAUTH2','alice@contoso.test','[{"name":"connect","outcome":"passed","duration_ms":3,"detail":null},{"name":"authenticate","outcome":"passed","duration_ms":5,"detail":null},{"name":"send","outcome":"passed","duration_ms":9,"detail":"The server accepted it."}]',NULL,'[]',NULL,0,1795510800000,NULL,1795510800000,NULL,1);
INSERT INTO "validations" ("id","mail_account_id","grant_id","fingerprint","outcome","protocol","host","port","security","mechanism","identity","steps","failure","warnings","diagnosis","duration_ms","checked_at","login_facts","asked_at","control","saved") VALUES ('va_feg2vrgdijk2dgqvhk7gqg5nmi','ma_zazwgrjkcejgvgi6epfbo3mw4v','gr_sxgmriofakfh45lya55y2cgqcf','L1QMpnyf8j0pbqR0vjNWA5vPEd-2Qr1U_zsd-FndM4w','passed','smtp','smtp.office365.com',587,'starttls','XOAUTH2','alice@contoso.test','[{"name":"connect","outcome":"passed","duration_ms":3,"detail":null},{"name":"authenticate","outcome":"passed","duration_ms":5,"detail":null},{"name":"send","outcome":"passed","duration_ms":9,"detail":"The server accepted it."}]',NULL,'[]',NULL,0,1795510800000,NULL,1795510800000,NULL,1);
INSERT INTO "validations" ("id","mail_account_id","grant_id","fingerprint","outcome","protocol","host","port","security","mechanism","identity","steps","failure","warnings","diagnosis","duration_ms","checked_at","login_facts","asked_at","control","saved") VALUES ('va_lywricfh2lrfuyffyd6fvyrdbg','ma_5ikurqih4vfrvyl2ocu6r6ugsq','gr_oevunhh2hk5s2efvvsdyupxbyr','gJCRy_xU2OCPcCNsrG1z3xqjbZOrF-a-7vMrxh2XeXU','failed','imap','imap.contoso.test',993,'tls','XOAUTH2','alice@contoso.test','[{"name":"connect","outcome":"passed","duration_ms":3,"detail":null},{"name":"authenticate","outcome":"failed","duration_ms":5,"detail":"The server accepted a login with a worthless token, so it checks no tokens, and a login proves nothing."},{"name":"send","outcome":"passed","duration_ms":9,"detail":"The server accepted it."}]','{"from":"control"}','[]',NULL,0,1795510800000,'{"values":{"username":"alice@contoso.test","delegate":null,"from":null,"authentication":"oauth"},"grant":{"clientId":"f0cacc1a-0000-4000-8000-0000c1e47a99","cloud":"global","tenantId":"c0a70500-7e57-4a11-9d3c-5b1f2c64e801","accountType":"work","signedInAs":"alice@contoso.test","scopes":["https://outlook.office.com/IMAP.AccessAsUser.All","https://outlook.office.com/SMTP.Send","offline_access","openid","profile"],"protocols":["imap","smtp"]},"app":null,"token":{"audience":"https://outlook.office.com","permissions":"IMAP.AccessAsUser.All SMTP.Send","username":"alice@contoso.test","tenantId":"c0a70500-7e57-4a11-9d3c-5b1f2c64e801","appId":"f0cacc1a-0000-4000-8000-0000c1e47a99","appOnly":false,"expiresAt":1795514558000},"delegateLogin":null,"history":{"workedBefore":false,"otherProtocol":null,"appWorks":null}}',1795510800000,'{"triedAt":1795510800000,"accepted":true}',1);
INSERT INTO "validations" ("id","mail_account_id","grant_id","fingerprint","outcome","protocol","host","port","security","mechanism","identity","steps","failure","warnings","diagnosis","duration_ms","checked_at","login_facts","asked_at","control","saved") VALUES ('va_akeltn6o7adxr5rcayojmybd6v','ma_ls6eosnoaqs2pvmc6oqpcbed5f',NULL,'8k6zkkK3o3VqVKCCm2Pwh2cD0TV32Cx7F124Oat1Sn0','passed','imap','mail.example.org',993,'tls','PLAIN','desk@example.org','[{"name":"connect","outcome":"passed","duration_ms":3,"detail":null},{"name":"authenticate","outcome":"passed","duration_ms":5,"detail":null},{"name":"send","outcome":"passed","duration_ms":9,"detail":"The server accepted it."}]',NULL,'[]',NULL,0,1795510800000,NULL,NULL,NULL,1);
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
, `written_by` text, `failed_at` integer, `last_request_at` integer, `last_request_outcome` text);
INSERT INTO "app_tokens" ("id","client_id","cloud","tenant","state","access_token_sealed","access_token_expires_at","fetched_at","version","lease_owner","lease_expires_at","failures","retry_at","problem_code","problem_detail","problem_facts","problem_since","written_by","failed_at","last_request_at","last_request_outcome") VALUES ('f0cacc1a-0000-4000-8000-0000c1e47a99|global|contoso.test','f0cacc1a-0000-4000-8000-0000c1e47a99','global','contoso.test','active','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiYXBwX3Rva2VucyIsInJvdyI6ImYwY2FjYzFhLTAwMDAtNDAwMC04MDAwLTAwMDBjMWU0N2E5OXxnbG9iYWx8Y29udG9zby50ZXN0IiwiY29sIjoiYWNjZXNzX3Rva2VuIn0..bjn6gqRWfDBikOXE.JcmChLSmDLqSR6O9CT_T6Bf_McV3oOvMqV2hRjOU4W_XbbHfMDr4GPK2nXISJv55-oAEl-IU4nncqjphi0kzlSeu5MoIo7gMVfk3OxLfXNLN1qrJAC3aGKl8jVl9Be-3q1o6I54Z3H9OjNN8zWdTY0Z9YTNQh6Qc7OKWSJkZ31VtoAZHM8n2d40pYT0LNZQ40K7JPe6kSHU96XV1GvSDsykhAW8asZEOBDDfqDFX8r-9LKjJzXIkpmYP0LeEVBBl9-HKBuaOUJkOihn9aZDkyQfI59HrN1EnHbUflEtY1T0e2ureqB6PSZTNoJ6zo4fnBkyBLgSwiTDM8Fy0XU6ibl_QR0qGB0tZW7j2ntSuVkbxVR0PITye3hlzNt9QEOzd59Wn_KaU7yrycnqnVXywz4HWw2iFV4611sy3L_go-mtZYdItwVy_QH4nfGeJvynCsB0Bi8TIYwX3vUUBoCMCK2AyZ9FlP9OG9epmHumKNlIimuZGsrQlmGyIgzaXLOxwlv-OdexiMzK1EqVvnEZ05FTUe1ZZlCd0mIqO_JhT1t9A23VkqNbRUVjQXMGhyK_x_DBg7e_w2xa6CfpV0OHy5KMO5sg2Xh6pe4EiKB8tfHHbWRL5MvdtQM5ny8Irzb6KAEbrURK1E7pJhVXKR8ZV9t5z4H22628UqgWcmb9JPk6khW0aL12SoLuSdeH6tS-X8Q1ycOepqpCUq3fEQWbkMA6LRroXiibpdm3zeD7QT3J0XZCf3akDT2djY6oCatGojrXB6cdkswKey4BTpOd0Rc4o6MIBBYAHQbs-PpEMGJqtC-w7eCluFXr4qUzF78B6EB7AFfaAF-6MUDzQinM9mgOk5ODEHjVEzEIXugjwId7VVc5VcrgASAHXiJ3HPAD8Led2bms4y9nlcnVxPMhlt7mVcQ28_IsFyfJLQw7vX_ihC50iqXiK0hZgrF4h4bDFy1ZTHw5WfJx5fO2Sdmy5Gu8YfKqJz8jeU_Lyz0Ly0X09rNzeT-Gf7G_ipgtZGDUaKALj2-BUsUdNyCp1LYJpPuRGUzojqEVEJhZ8vBGMRyCezyo1HY12tuo9TTaPtNlqiD4XeYgWFL_gU1_1u3wwsnz3Sdhqx9gCHVJ7E75KiO1MG0C90qNjGg3CtU9Znq2UA9Q7ib_PBRqZOM1pgIX3iFr0N0wveBxkBjIKyaA1O93Sl9W4aH5XHwtjpI4cE7fJj84cyesuXLc1z1iUP3wGSFlGSp48-3fhiHABJEWUkBRIX0ZDf_VSo-BQLwc2r5KDf-OBOrTGFUtF97Y3zlDf6-DuHvmuNRRT2Xl0vklHVZ0YjBGT9FsprZuMxrNS93E2IpyU0JPheR60upeSvRkJ3PJEdP41khMnCasOnIw7Yh7EavWXzBEvw4KYi9_3YcfO6-tYNOD8xvVgnOhrQ_1Q5JE2X3CsTu6b-rUzmj3Y2tJik9_md14FagecfeVJdWbsLYPVhorR5-2j2UWxktS-dWdUZI6lv4LtmIwgdQUf3rDsQYDwR_Ofq74mo-fgKaoQSRCm2CdV9BhPZe6catHZqKLGZq8yUCv6rS3Q8E8dfUqo-QWXTHEp-Drh9MD8gRgR5VFjjoPndY-c-h3xCOoRtJ3xrqJYUtvzdNzIPe87NlH8w7ujtsU4wm1HmRGee0BL0Fh170n3xgfZB5_gGA5CMjvGKF55Hc903nX5dSyKl4FNMmEokWj3c2aHV-RrodQlG4GpJNu09juxFZU_4aLa4qja24ZqU03aM-d3LaAkvdFKnVYK32DDlqTJdlLNaMpckywXWcWMhWpmF7t4SKXj1WjM92HYHS-E8Zkka07y6jxbhRIIX7slD0vzQbqNmNZAfjqP_Vzc32Px0KcvwSDZybZ7DHdy7_f7tCWqVNVXyQmXdZwrJLMhV14Z3iLXxuDWPJ47OLGHQ7kXcjQ6W24CGmSgsV6l1z2P_Uwvm6wiV8GECWyml72KJQIR8O73H4-60QT64oYk2cfLw6qEnURcjKML3kCh5wfkhP719IviTYSp22gvS2DReUpusGNAGtYKK8mR8afmh3lSrlVusEtCGfFdOimS1TMPEjgJOFW65rpOllx3mz7eo9DHR8gL__WuhLZtZbpjr6zVF_Bf-k81EK2PdUfaJiaVfCgNmuvbIeLyBmTWbTBsk5XCXI0Bj_EJtWBrcqhyH_o7zYWvNLJW26JWRWP7V62FSpqHj5Q8Gwbtr4wDPKEGolDe90-4QPyVoHHh9q-4e6l72JcNldlL6gZnAsrXu7_PUkbxdTHEStCG95RrLA_BOFIjDexH3bx8LBnS7ica1b5tylmkqaXMD_1wzo0rOIP_Za7njBdshlAR0GgxGQU55n7lUW_sVCz3sO0oHlCvDeDX9yvYg6O7ASWSSF80ZuxNo8PJ2aUh5kItQg5TKdXcOhqux8DF8c7VHjK9bVuOenZFfY7srk06K_k974uWruefduBDzR_MQd9-tLjvJOkKvT_ZplUh9go9t8GSFsNyGjAHx9uFdtEQzSqaZ4rvpMmYUvxUT_11crEb6jG-0cq1D2EwbWUQqbKsGSilxFUmeY_Lcsn9OKXcvYkNYaR29vW63z7fYi_N_veeOc7tW5M9HNy0x2uQ4APhYcKWYAXmrvjDhYJLZjS4CqHmf9ZBntDFGnqbeR5DV3CAHvgStnJWM--QioFTBAdYTi2jm1C59ad7u7c1XcUMqyi6Bm6K0TBJMqsh0hXQV36r0YS7cOyRi81cokhRiK1F1dwvWff3eDkJ_0y432HegtBa9K8PTxSpwAynSyAkqd1jWeZphlBZRZq20tZt7gXa_FCJntNuLq2btEfAjCyI3jY3H-aLOJSVRuU7gLwbuL3Zk8zzrrpqToQi024gSaUMx0oG5-X6M070uMmSUlLsfxFP7HyRreEOn-bIqrai6pW-mDHrkqSO__23piPs9Sp3tA3iCpU2w7GHxnpr15pkKqA.2DEUtG3iPim6JTXccjIlrA',1795521914000,1795518000000,1,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,'T4coTPX-_Ichq4YR',NULL,1795518000000,'succeeded');
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
, `app_only` integer, `needs_review` integer DEFAULT false NOT NULL, `created_by_name` text);
INSERT INTO "api_keys" ("id","name","secret_hash","scopes","mail_account_ids","created_at","created_by","expires_at","last_used_at","revoked_at","app_only","needs_review","created_by_name") VALUES ('key_b6sjbnueacan7mco763y7e56jw','Mail worker','chnX9AHdY_cZ9_GZWNOIFCnJtWSPrs468STsAqXpSBY','tokens',NULL,1795510800000,'root',NULL,NULL,NULL,0,0,NULL);
CREATE TABLE `console_sessions` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`key_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
, `person_id` text, `person_name` text, `role` text, `role_source` text, `client_id` text, `cloud` text, `tenant_id` text, `last_used_at` integer);
INSERT INTO "console_sessions" ("id_hash","key_id","key_hash","created_at","expires_at","person_id","person_name","role","role_source","client_id","cloud","tenant_id","last_used_at") VALUES ('ERNuhK25rIgMFL9gELPbjHEmnyS70gXKeKJf_melrxQ','','',1795510800000,1795539600000,'ad310000-0000-4000-8000-00000000000b','Ada Admin','admin','app_role','f0cacc1a-0000-4000-8000-0000c1e47a99','global','c0a70500-7e57-4a11-9d3c-5b1f2c64e801',NULL);
INSERT INTO "console_sessions" ("id_hash","key_id","key_hash","created_at","expires_at","person_id","person_name","role","role_source","client_id","cloud","tenant_id","last_used_at") VALUES ('jQxbQe24m9YesgMIHQPgaGpCNz08yNKVAHRwY3rma50','root','PpwEBta4IEo832PbTaU4_eNonF4rL5tGqUh-gEUWf8g',1795510800000,1795539600000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE `events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`at` integer NOT NULL,
	`actor_type` text NOT NULL,
	`actor_id` text,
	`subject` text,
	`data` text NOT NULL,
	`untold` integer DEFAULT false NOT NULL
, `actor_name` text);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_sznjwivtc5mhidkzwnvkihkkwp','integration.settings_changed',1795510800000,'key','root','microsoft','{"client_id":"f0cacc1a-0000-4000-8000-0000c1e47a99","cloud":"global","tenant":"common","home_tenant":"c0a70500-7e57-4a11-9d3c-5b1f2c64e801","credential_changed":true}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_rrjbbrftbfooizq4gxzxhe6vps','integration.activated',1795510800000,'key','root','microsoft','{}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_jati6olsejy66jyivw5cbxren5','integration.next_credential_set',1795510800000,'key','root','microsoft','{"type":"federated"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_3tpofvyavymyaiqe3ighp5anbs','integration.settings_changed',1795510800000,'key','root','microsoft','{"client_id":"f0cacc1a-0000-4000-8000-0000c1e47a99","cloud":"global","tenant":"common","home_tenant":null,"credential_changed":true}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_c5knepi6ky3wnjyxakdcidiulw','integration.settings_changed',1795510800000,'key','root','microsoft','{"client_id":"f0cacc1a-0000-4000-8000-0000c1e47a99","cloud":"global","tenant":"common","home_tenant":"c0a70500-7e57-4a11-9d3c-5b1f2c64e801","credential_changed":true}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_gng7kf3sdvqeyugh6i7w55nb26','webhook.created',1795510800000,'key','root','wh_qunvoybx4rkhdsp2de5bimxvp6','{"url":"https://helpdesk.example.com"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_oay4usor7jofgndgcmtdumwih7','api_key.created',1795510800000,'key','root','key_b6sjbnueacan7mco763y7e56jw','{"name":"Mail worker","scopes":"tokens","mail_accounts":null,"app_only":false,"expires_at":null}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_lrcygeq6oipz7ye66jzemw7v5l','mail_account.created',1795510800000,'key','root','ma_c2emxkojdnyhqz4nq56zqfbuws','{"protocol":"imap","owner":"department dep_7","username":"alice@contoso.test","host":"outlook.office365.com","grant":"gr_2zcswfkhpgcvbbcudrqyywf5b4"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_f7jmfp4mqu3v5fak2wlt5celew','mail_account.created',1795510800000,'key','root','ma_zazwgrjkcejgvgi6epfbo3mw4v','{"protocol":"smtp","owner":"brand brand_3","username":"alice@contoso.test","host":"smtp.office365.com","grant":"gr_sxgmriofakfh45lya55y2cgqcf"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_kcflcle6u3wtt3t3qvu3cpm4wm','mail_account.created',1795510800000,'key','root','ma_5ikurqih4vfrvyl2ocu6r6ugsq','{"protocol":"imap","owner":"department dep_7","username":"alice@contoso.test","host":"imap.contoso.test","grant":"gr_oevunhh2hk5s2efvvsdyupxbyr"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_w2vca6pyct55ktpize2fkkavaf','mail_account.created',1795510800000,'key','root','ma_4syx76vnhts6am4oa55wpzzlxg','{"protocol":"imap","owner":"department dep_7","username":"support@contoso.test","host":"outlook.office365.com","tenant":"contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_pjwqrbwgyg6vawy45mufpdmdeg','mail_account.created',1795510800000,'key','root','ma_ls6eosnoaqs2pvmc6oqpcbed5f','{"protocol":"imap","owner":"department dep_7","username":"desk@example.org","host":"mail.example.org"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_eebbuaxq6tbkidcx4zaxzyryrf','mail_account.created',1795510800000,'key','root','ma_tdt4k3mf4bs5lz3f6cn3mvepjh','{"protocol":"imap","owner":"department dep_7","username":"frank@contoso.test","host":"outlook.office365.com","grant":"gr_wn5qnv76542z2hohlqnsfasdur"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_oodocciyy4rchq6lovrxn3nalq','validation.passed',1795510800000,'key','root','va_ernjmv3apvb6tuzavrz4lbblm7','{"mail_account":"ma_c2emxkojdnyhqz4nq56zqfbuws","protocol":"imap","host":"outlook.office365.com","username":"alice@contoso.test","identity":"alice@contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_f4zzm2b6f6z6hkic54j265oknk','validation.passed',1795510800000,'key','root','va_feg2vrgdijk2dgqvhk7gqg5nmi','{"mail_account":"ma_zazwgrjkcejgvgi6epfbo3mw4v","protocol":"smtp","host":"smtp.office365.com","username":"alice@contoso.test","identity":"alice@contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_5rufqiqj7oxhsfmy4xsjqo5og2','validation.failed',1795510800000,'key','root','va_lywricfh2lrfuyffyd6fvyrdbg','{"mail_account":"ma_5ikurqih4vfrvyl2ocu6r6ugsq","protocol":"imap","host":"imap.contoso.test","username":"alice@contoso.test","identity":"alice@contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_dduhmoazgyiqdr6xfwti5s57xg','validation.passed',1795510800000,'key','root','va_akeltn6o7adxr5rcayojmybd6v','{"mail_account":"ma_ls6eosnoaqs2pvmc6oqpcbed5f","protocol":"imap","host":"mail.example.org","username":"desk@example.org","identity":"desk@example.org"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_albzunixzligeifytngczd4ok4','test_message.requested',1795510800000,'key','root','ma_zazwgrjkcejgvgi6epfbo3mw4v','{"host":"smtp.office365.com","username":"alice@contoso.test","from":"alice@contoso.test","to":"bob@contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_57alqmlpjh5lnuipmjgxhmjobh','authorization.created',1795510800000,'key','root','az_3qoexftruvvvahsg5xr7g3ficl','{"username":"alice@contoso.test","delegate":null,"protocols":"imap smtp","origin":null,"mail_account":null,"apply":"on_save"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_g5ficvx7dm3dhbwrwjj6gh3ask','authorization.created',1795510800000,'key','root','az_gkwrexrjryytsog3hxr2w6yhdc','{"username":"alice@contoso.test","delegate":null,"protocols":"imap smtp","origin":null,"mail_account":null,"apply":"on_save"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_txs5xgoaqfsrfwggx6aiuqsm3x','admin_consent.created',1795510800000,'key','root','ac_br2psozpbepuzbcjv5kszzfzdr','{"tenant":"contoso.test"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_rpz7acc5litobalkhalcvxyemo','grant.imported',1795510800000,'key','root','gr_lhy3bdim77wpt5gifuo3awsm6f','{"signed_in_as":"bob@contoso.test","username":"bob@contoso.test","delegate":null,"tenant":"c0a70500-7e57-4a11-9d3c-5b1f2c64e801","protocols":"imap smtp"}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_p4bwprebk2oci66ngbyc3zcbzx','console_session.opened',1795510800000,'person','ad310000-0000-4000-8000-00000000000b','ad310000-0000-4000-8000-00000000000b','{"name":"Ada Admin","role":"admin","role_source":"app_role"}',0,'Ada Admin');
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_3ljqlp67me3fn46mfqd4hzkvpw','console_session.opened',1795510800000,'key','root','root','{}',0,NULL);
INSERT INTO "events" ("id","type","at","actor_type","actor_id","subject","data","untold","actor_name") VALUES ('ev_odyumxzeiefr352woiezrkkn44','grant.reconnect_required',1795518000000,'key','root','gr_wn5qnv76542z2hohlqnsfasdur','{"signed_in_as":"frank@contoso.test","detail":"The stored sign-in was unused for too long and has expired: sign in again (AADSTS700082)."}',0,NULL);
CREATE TABLE `idempotency_records` (
	`id` text PRIMARY KEY NOT NULL,
	`body_hash` text NOT NULL,
	`status` integer,
	`answer_sealed` text,
	`answer_label` text GENERATED ALWAYS AS (substr("answer_sealed", 1, 56)) VIRTUAL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
INSERT INTO "idempotency_records" ("id","body_hash","status","answer_sealed","created_at","expires_at") VALUES ('xQnf-FwJsQwD6AIOCNcaUD6qdrm6JjygxYgcGvkRGGQ','SwNAf71lmxhEDo1LVy4DhA7X-rHx2_APNGINLN-Yno0',201,'eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoiaWRlbXBvdGVuY3lfcmVjb3JkcyIsInJvdyI6InhRbmYtRndKc1F3RDZBSU9DTmNhVUQ2cWRybTZKanlneFlnY0d2a1JHR1EiLCJjb2wiOiJhbnN3ZXIifQ..rjJNrP8NcINBQVxH.QsOVwQlYNrnMsVoqLoWcg-e8kgGJm8rqgc3rPOfJMwKehcXrFc2F3Ypxkz-Yyg_1L3l505WBVyWmz63DgAJtLrVUIHF1Bi4dw18iTYqkwySrY2H69QZjevV4ADBOyn7ohrg0JanljW0HA-TvbhK_xzcJLu0YXHmXKf5MegN-99euKzSCn6N9M7fDNqMsU1Ym6H6yvGz6yjfFeWjVDCHACi2YtOhzbgJB4Y_POmDeKPas7JGgbV1cmfsq8qyo7PFe6mXyBQNQGFKUo41T1oDxhyiD8FsbSwxCUEtcu3FLznSMsuE-oBJXkCt8yFW99_V2tOscDc09wkUgbHMfx08FWVD1yTptFUxdIn2UMd8Da7eR8f9BwJBUaFvUG9Ne5bCBqy_555SqvsekdWEZIJKMc7zRjU8-o9U4Yb31spQ9JGmOVFJlyjzdlqj9sSiRfT2iOecSRCmk1Jseyd_TEJEP_cY1JQ3zciv9CK_vPhk79OEPgcKJxDIeh1fsPjyB39NpTr20r6t_JYVo86mnKgfa3tqp9II14wIPMKv3VJegY4UY96ms-qMF4jSTjbBEQLUkJRJIgi2KjWEfbYxSRv5M.3N2CB9alQjptrKkOGB5JUQ',1795510800000,1795597200000);
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
INSERT INTO "webhook_deliveries" ("id","webhook_id","event_id","type","payload","state","attempts","next_attempt_at","lease_expires_at","last_attempt_at","last_status","last_error","created_at") VALUES ('msg_e0743ee78b7112f976a361f4cd1dd4e6','wh_qunvoybx4rkhdsp2de5bimxvp6','ev_5rufqiqj7oxhsfmy4xsjqo5og2','validation.failed','{"type":"validation.failed","timestamp":"2026-11-24T09:00:00.000Z","data":{"mail_account":"ma_5ikurqih4vfrvyl2ocu6r6ugsq","protocol":"imap","host":"imap.contoso.test","username":"alice@contoso.test","identity":"alice@contoso.test","event_id":"ev_5rufqiqj7oxhsfmy4xsjqo5og2","subject":"va_lywricfh2lrfuyffyd6fvyrdbg","mail_accounts":["ma_5ikurqih4vfrvyl2ocu6r6ugsq"]}}','pending',2,1795518304353,NULL,1795518000000,404,'The receiver responded with 404. Only a status from 200 to 299 confirms the delivery.',1795510800000);
INSERT INTO "webhook_deliveries" ("id","webhook_id","event_id","type","payload","state","attempts","next_attempt_at","lease_expires_at","last_attempt_at","last_status","last_error","created_at") VALUES ('msg_c47751c5668ccc31d1cb6fd99756368d','wh_qunvoybx4rkhdsp2de5bimxvp6','ev_odyumxzeiefr352woiezrkkn44','grant.reconnect_required','{"type":"grant.reconnect_required","timestamp":"2026-11-24T11:00:00.000Z","data":{"signed_in_as":"frank@contoso.test","detail":"The stored sign-in was unused for too long and has expired: sign in again (AADSTS700082).","event_id":"ev_odyumxzeiefr352woiezrkkn44","subject":"gr_wn5qnv76542z2hohlqnsfasdur","mail_accounts":["ma_tdt4k3mf4bs5lz3f6cn3mvepjh"]}}','pending',1,1795518060659,NULL,1795518000000,404,'The receiver responded with 404. Only a status from 200 to 299 confirms the delivery.',1795518000000);
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
, `failures` integer DEFAULT 0 NOT NULL, `failing_since` integer, `backoff_until` integer, `retry_after` integer, `type` text DEFAULT 'standard' NOT NULL, `recipient` text, `mail_account_id` text, `next_message_at` integer);
INSERT INTO "webhooks" ("id","url","description","events","enabled","secret_sealed","previous_secret_sealed","previous_secret_expires_at","version","created_at","updated_at","failures","failing_since","backoff_until","retry_after","type","recipient","mail_account_id","next_message_at") VALUES ('wh_qunvoybx4rkhdsp2de5bimxvp6','https://helpdesk.example.com/hooks',NULL,'["grant.reconnect_required","grant.recovered","grant.blocked","grant.protocols_changed","integration.secret_expiring","integration.secret_expired","integration.certificate_replacement_waiting","integration.certificate_replaced","integration.credential_rejected","integration.issuer_unreachable","integration.credential_accepted","integration.app_refused","integration.app_accepted","validation.failed","validation.passed","admin_consent.completed"]',1,'eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoid2ViaG9va3MiLCJyb3ciOiJ3aF9xdW52b3lieDRya2hkc3AyZGU1YmlteHZwNiIsImNvbCI6InNlY3JldCJ9..7VAsfsiCF489wS2q.XacbOgoi5rNNDYyTQ5dK5YLiK4bDANRI83SVx2a31m9KYUCX0NBkeViQJC3YEVCsL_Q.Lee4U3h_iKwaBYXDusVPug',NULL,NULL,1,1795510800000,1795510800000,3,1795510800000,NULL,NULL,'standard',NULL,NULL,NULL);
CREATE TABLE `control_logins` (
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`tried_at` integer NOT NULL,
	`accepted` integer,
	PRIMARY KEY(`host`, `port`)
);
INSERT INTO "control_logins" ("host","port","tried_at","accepted") VALUES ('imap.contoso.test',993,1795510800000,1);
CREATE TABLE `maintenance_tasks` (
	`task` text PRIMARY KEY NOT NULL,
	`finished_at` integer NOT NULL,
	`behind_since` integer
);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('purge',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('secret_expiry',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('replace_certificate',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('signing_keys',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('refresh',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('app_tokens',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('history',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('reencrypt',1795518000000,NULL);
INSERT INTO "maintenance_tasks" ("task","finished_at","behind_since") VALUES ('validate',1795518000000,NULL);
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
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('ma_c2emxkojdnyhqz4nq56zqfbuws',20781,1,0,0,0,0,0,0);
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('all',20781,3,1,0,0,3,1,0);
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('ma_zazwgrjkcejgvgi6epfbo3mw4v',20781,1,0,0,0,0,0,0);
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('ma_5ikurqih4vfrvyl2ocu6r6ugsq',20781,0,1,0,0,0,0,0);
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('ma_ls6eosnoaqs2pvmc6oqpcbed5f',20781,1,0,0,0,0,0,0);
INSERT INTO "daily_counts" ("subject","day","passed","failed","inconclusive","waited","tokens_succeeded","tokens_refused","tokens_failed") VALUES ('ma_tdt4k3mf4bs5lz3f6cn3mvepjh',20781,0,0,0,1,0,0,0);
CREATE TABLE `test_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`mailbox` text NOT NULL,
	`actor_id` text NOT NULL,
	`requested_at` integer NOT NULL
);
INSERT INTO "test_messages" ("id","mailbox","actor_id","requested_at") VALUES ('ev_albzunixzligeifytngczd4ok4','smtp.office365.com alice@contoso.test','root',1795510800000);
CREATE TABLE `signing_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`private_key_sealed` text NOT NULL,
	`private_key_label` text GENERATED ALWAYS AS (substr("private_key_sealed", 1, 56)) VIRTUAL,
	`public_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`signs_from` integer NOT NULL,
	`unused_since` integer
);
INSERT INTO "signing_keys" ("id","private_key_sealed","public_key","created_at","signs_from","unused_since") VALUES ('yp0f9QrnYxbr4irxf0NnjLTJHQU445NRL5eF4Ej5XhQ','eyJraWQiOiJyZWxlYXNlLXRlc3QiLCJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwidGJsIjoic2lnbmluZ19rZXlzIiwicm93IjoieXAwZjlRcm5ZeGJyNGlyeGYwTm5qTFRKSFFVNDQ1TlJMNWVGNEVqNVhoUSIsImNvbCI6InByaXZhdGVfa2V5In0..2yn5sVzOtKvp7rwq.cR2w5U2BcLMOKSU3R_T259_B2GGK0LGVjRxPl1hqG7RvNLld2nUr0BTzCyG8T46EuTDrlLatEqoq-JYn6tpOubtuGBReJwUPboo6-NN8LOVrrGzKV6HlFoF8tTpfXkSA5mpkZvdcVsLtQSPj4Nfmncd4W-iw0L6d4zWtPiP9lecJCr82k6urkQxXFHgmdFntiXUs4YtOjzrnrQPpl475DJdqc25zvTAM93YKqxsXXJgfua80U5yoemKn17J5UszxgF4raeqwnTBEEbCvIRGr2Ur8v1vn-3l0jRB093pEJvH9-EdFVRk36ZHkj0yv1glJTiKmRA_gyHTzhvMw0hjidv35Uk1VEgnaiuA1FNFi-A1RwlxDSGkfF7egYpZrmU1ySKFoWpdH-gOLcTmaWT4tCCwKUubW8wRLQwtTiuiea_OBnJSZuabiTrdNFmq5K37ceejEFth7afjWV1ogvCAkStyrF6ja7WRVb9W_MhHgbxP6W5oHgThgMPnlHhEO2qb1nSnOK1Gn5v44pzfnkxlgvjQfvBcBkwMR_3NvoOvlB9umbrQA_wC0IYWUVCcaDd_zl3TWrFyaWVe1Yec4HAZxoa6hmptRtJLPnTUkimcgZBdPM1ze9uv3uoGCdtMYDxIqDH_UGRdx5q1Dx_FO8slE_zJdvOkDAZ7maQQ3XznzFBT-3iWcnq8V47RtRs5zf_jYBZRC39KoLkDZlfWkxjI_2xgzRQVcYr-06UPaRtVvKCIwFsxyI77Bcn78UocdjHTba-7Mnmh5WccyD75L1PyK1lFH4ij4gdiF1_Nga68flTLRobIIO6bLRvE1iZivo9FYmB2JLniaSUJswm1KI8-McWprC1kSBRoVYq67sW9NZ69Y40QfjJyCOD7sgoLvrSD3pMld121gbws2MurbWIrL0Q7gzH9xUOA44IGZOpuKnQK9yFgH8t8DRlINwDNlPHZsNsSZ1tbFvsGi7rKd5ouQVHTDoOyYww_1XxP3QP2dVxleN5cxnqQ7GBABSvZyWOvxdEF6rk9HFRqI2HCQNon3DXFVyXFPKrpxIu3923mCAt1I2UuXP5jzph4sInvvCJSA7vsrXEl8lzDXOq5mMDNYhySmCVHvJkbMLZ7znRU1QFgZtlIFaX3qU1AkC3T62vWZtXQmJcuqcjGhcmaAY5cxjrvReI_HinS4o0Ih-8Jk2GMSMAR5N_rBIGUn2CcI-ZbaK8s4Bc0HOHnOoc-QEyV72AtsRSoo98FhsrWokgE6UA1ILCZjk8_8DYnQT7HuTWS2dG3VB5LDXNrfv5keVOw7wN5qJcolJO_qB-PuI7FfS6ljcvInAAShw667FWwt5x4c3Z8pDH4zSj9IkUjuGKuscCTynWSwbi2t-zam8QxdsKvMUT8Vc6RD2tpKpUcz9BTBQsVSdoCIHBolPnX9FHt_W1nDn8ujcdU-rrQwNN_2t_8hdkqzBOylzRR30fLyvTKCegmsT_nJBS7XPu_mAusR8jfIauAVmMEFO0pQ8FeZ6_OucnOjBlaBD6Hv3m2mjkjQRz-pou6_hnznoy2Q__wuDdpx4oL4-6I408dnZTeznQwPD2FbrLwGzckeOLw7eJ9PTg-fG-Fy6uZcUaWijKJezGbxvCBSCvzYd1cHfhTkrEVcwCdV9SWpu-6KKMWD5b1U7UfBmozWGB3_vf2fqaL-5gALW4sKw_8BMogQHmoNsR7_yFWd3864MRF0vmnJF_BwJwPN0zOq2E3dMux0b4nqGYxXixqkAk4f9e2hyTZn6-XS8XLLrrqUBOqnS9BjjWh9f1mfJr6gk5-6Tv8tm-xOsA0xjKhBBUMFMLxsSQWRnuNd50-CMaDr3eicITycXphHKkxKsDNXJNUv-QQIE2SaTL6Iq1xyHeE5dwu8HsCAoNojolrL5XAhExIUFiS_y2Q4A9kSPqP3YqqaHfCrMjikiX_vVvDsGv5QrRoAPKTBq4NLQQm2VmGVvSLDGVxlRchsFv7-qR_ths5QqY4Uhyxbhvf2nuwkfilGYYBZcNmnJdpjhXUSdtDSl0krX67341bBZrqcm-utORZyR__PHFx_w4wfPhlBEgrcGCZJL7nVnR7gkYpvA6eY3f-adKGG5ismZUKumbUPNXBwL_axhghPUPfdP80E4v6W5sq9oLSO-CkC7eMsK4yAyF25dM4JRJWwp25KWk13m2qoFOseXZaaq9ojZCFYFkpXllMXZF6v91nKk39clR9_4xLh7Ha6g5PkhFwL44hBiGSVEUTsdx3rk1x8FS3STZU.ILxJTu1v__lQ5uYOnJoPEw','{"n":"hbiB4beM2IxuVRWRRR_Kk-8FTyeiXWlX8VPffvyzM8Jk3cvYFKTNCq6lZTGeZ2xLU0kUg26lcAeyFSX2xNzJ_fQO-C32faPjjmUEOQWiZCjOwrgKGWtiBBCAVlMPpw_u6N3W-ovMcABxcjnqXu77tLfNpqOHMfAe2Ms4aPbYlm32Rl1gGuVPFu6nkYt0pWF61a3SWcP9Kt4US2ghE3nWyDw9B7vD4gG9fcCQ3KXRtkF-El1-gB0pVxLS4pArrRxWX-GJ79UaK_2kRDvl5QqbjX6YXP9PK3FlznRdRuJivN-TdwMBqv2BfomtduRKCVMA9pYKKs55HLjxk4Vb8ycrHQ","e":"AQAB"}',1795510800000,1795510800000,NULL);
CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (1,'0000_start.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (2,'0001_app_token_writer.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (3,'0002_login_facts.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (4,'0003_authorization_consumer.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (5,'0004_lists_by_index.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (6,'0005_app_only_keys.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (7,'0006_webhook_health.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (8,'0007_blocked_grants.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (9,'0008_control_logins.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (10,'0009_maintenance_tasks.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (11,'0010_granted_protocols.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (12,'0011_api_key_review.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (13,'0012_verified_at.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (14,'0013_accounts_by_validation.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (15,'0014_daily_history.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (16,'0015_test_messages.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (17,'0016_adopted_validations.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (18,'0017_claims_challenge.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (19,'0018_federated_credential.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (20,'0019_alert_endpoints.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (21,'0020_console_people.sql','2026-11-26 23:08:57');
INSERT INTO "d1_migrations" ("id","name","applied_at") VALUES (22,'0021_certificate_replacement.sql','2026-11-26 23:08:57');
CREATE UNIQUE INDEX `admin_consents_state` ON `admin_consents` (`state_hash`);
CREATE INDEX `admin_consents_expires` ON `admin_consents` (`expires_at`);
CREATE UNIQUE INDEX `authorizations_state` ON `authorizations` (`state_hash`);
CREATE INDEX `authorizations_expires` ON `authorizations` (`expires_at`);
CREATE INDEX `authorizations_grant` ON `authorizations` (`grant_id`);
CREATE INDEX `authorizations_username` ON `authorizations` (lower("username"),`consumed_at`);
CREATE INDEX `authorizations_verifier_label` ON `authorizations` (`verifier_label`);
CREATE INDEX `authorizations_admin_link_label` ON `authorizations` (`admin_link_label`);
CREATE INDEX `grants_created` ON `grants` (`created_at`,`id`);
CREATE INDEX `grants_account` ON `grants` (`tenant_id`,`object_id`);
CREATE INDEX `grants_unsaved` ON `grants` (`expires_at`) WHERE saved_at IS NULL;
CREATE INDEX `grants_idle` ON `grants` (`state`,`refreshed_at`) WHERE saved_at IS NOT NULL;
CREATE INDEX `grants_refresh_token_label` ON `grants` (`refresh_token_label`);
CREATE INDEX `grants_previous_refresh_token_label` ON `grants` (`previous_refresh_token_label`);
CREATE INDEX `grants_access_token_label` ON `grants` (`access_token_label`);
CREATE INDEX `mail_accounts_created` ON `mail_accounts` (`created_at`,`id`);
CREATE INDEX `mail_accounts_grant` ON `mail_accounts` (`grant_id`);
CREATE INDEX `mail_accounts_scheduled` ON `mail_accounts` (`scheduled_at`);
CREATE INDEX `mail_accounts_password_label` ON `mail_accounts` (`password_label`);
CREATE INDEX `validations_fingerprint` ON `validations` (`fingerprint`,`checked_at`);
CREATE INDEX `validations_checked` ON `validations` (`checked_at`);
CREATE INDEX `validations_grant` ON `validations` (`grant_id`,`checked_at`);
CREATE INDEX `validations_account` ON `validations` (`mail_account_id`);
CREATE INDEX `api_keys_created` ON `api_keys` (`created_at`,`id`);
CREATE INDEX `console_sessions_key` ON `console_sessions` (`key_id`);
CREATE INDEX `console_sessions_expires` ON `console_sessions` (`expires_at`);
CREATE INDEX `events_at` ON `events` (`at`,`id`);
CREATE INDEX `events_subject` ON `events` (`subject`,`at`);
CREATE INDEX `events_untold` ON `events` (`untold`) WHERE untold = 1;
CREATE INDEX `idempotency_records_expires` ON `idempotency_records` (`expires_at`);
CREATE INDEX `idempotency_records_answer_label` ON `idempotency_records` (`answer_label`);
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`next_attempt_at`) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`,`created_at`,`id`);
CREATE INDEX `webhook_deliveries_created` ON `webhook_deliveries` (`created_at`);
CREATE INDEX `webhooks_created` ON `webhooks` (`created_at`,`id`);
CREATE INDEX `grants_status` ON `grants` (`state`,`created_at`,`id`);
CREATE INDEX `grants_username` ON `grants` (lower("signed_in_as"),`created_at`,`id`);
CREATE INDEX `grants_app` ON `grants` (`client_id`,`cloud`) WHERE state <> 'reconnect_required';
CREATE INDEX `grants_due` ON `grants` (`state`,`retry_at`) WHERE retry_at IS NOT NULL;
CREATE INDEX `mail_accounts_username` ON `mail_accounts` (lower("username"),`created_at`,`id`);
CREATE INDEX `mail_accounts_protocol` ON `mail_accounts` (`protocol`,`created_at`,`id`);
CREATE INDEX `mail_accounts_owner_type` ON `mail_accounts` (`owner_type`,`created_at`,`id`);
CREATE INDEX `mail_accounts_owner_id` ON `mail_accounts` (`owner_id`,`created_at`,`id`);
CREATE INDEX `mail_accounts_health` ON `mail_accounts` (`authentication`,`grant_state`,`last_validation_outcome`,`created_at`,`id`);
CREATE INDEX `mail_accounts_tenant_health` ON `mail_accounts` (`tenant`,`last_validation_outcome`,`created_at`,`id`) WHERE tenant IS NOT NULL;
CREATE INDEX `authorizations_requester` ON `authorizations` (`requested_by`) WHERE grant_id IS NOT NULL;
CREATE INDEX `events_type` ON `events` (`type`,`at`,`id`);
CREATE INDEX `api_keys_app_only_unset` ON `api_keys` (`revoked_at`) WHERE app_only IS NULL AND mail_account_ids IS NOT NULL;
CREATE INDEX `webhook_deliveries_queue` ON `webhook_deliveries` (`webhook_id`,`next_attempt_at`) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX `webhook_deliveries_state` ON `webhook_deliveries` (`webhook_id`,`state`,`created_at`,`id`);
CREATE INDEX `grants_due_otherwise` ON `grants` (`state`,`retry_at`) WHERE retry_at IS NOT NULL AND app_refusal IS NULL;
CREATE INDEX `grants_app_refusal` ON `grants` (`failed_at`) WHERE app_refusal IS NOT NULL;
CREATE INDEX `api_keys_needs_review` ON `api_keys` (`revoked_at`) WHERE needs_review = 1;
CREATE INDEX `mail_accounts_validated` ON `mail_accounts` (`validated_at`,`created_at`,`id`);
CREATE INDEX `daily_counts_day` ON `daily_counts` (`day`);
CREATE INDEX `daily_counts_waited` ON `daily_counts` (`day`) WHERE waited = 1;
CREATE INDEX `validations_timeline` ON `validations` (`mail_account_id`,`checked_at`,`outcome`) WHERE saved = 1;
CREATE INDEX `test_messages_mailbox` ON `test_messages` (`mailbox`,`requested_at`);
CREATE INDEX `test_messages_actor` ON `test_messages` (`actor_id`,`requested_at`);
CREATE INDEX `test_messages_requested` ON `test_messages` (`requested_at`);
CREATE INDEX `grants_claims_challenge_label` ON `grants` (`claims_challenge_label`) WHERE claims_challenge_label IS NOT NULL;
CREATE INDEX `signing_keys_private_key_label` ON `signing_keys` (`private_key_label`);
CREATE INDEX `console_sessions_created` ON `console_sessions` (`created_at`,`id_hash`);
CREATE TRIGGER `grants_deleted` AFTER DELETE ON `grants`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = NULL WHERE `grant_id` = OLD.`id`;
END;
CREATE TRIGGER `grants_state_changed` AFTER UPDATE OF `state`, `protocols` ON `grants` WHEN NEW.`state` <> OLD.`state` OR NEW.`protocols` <> OLD.`protocols`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = iif(NEW.`state` IN ('active', 'cooling_down') AND instr(NEW.`protocols`, `protocol`) = 0, 'blocked', NEW.`state`) WHERE `grant_id` = NEW.`id`;
END;
CREATE TRIGGER `mail_accounts_added` AFTER INSERT ON `mail_accounts` WHEN NEW.`grant_id` IS NOT NULL
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT iif(`state` IN ('active', 'cooling_down') AND instr(`protocols`, NEW.`protocol`) = 0, 'blocked', `state`) FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
CREATE TRIGGER `mail_accounts_grant_changed` AFTER UPDATE OF `grant_id`, `protocol` ON `mail_accounts` WHEN NEW.`grant_id` IS NOT OLD.`grant_id` OR NEW.`protocol` <> OLD.`protocol`
BEGIN
	UPDATE `mail_accounts` SET `grant_state` = (SELECT iif(`state` IN ('active', 'cooling_down') AND instr(`protocols`, NEW.`protocol`) = 0, 'blocked', `state`) FROM `grants` WHERE `id` = NEW.`grant_id`) WHERE `id` = NEW.`id`;
END;
CREATE TRIGGER `validations_counted` AFTER INSERT ON `validations` WHEN NEW.`saved` = 1 AND EXISTS (SELECT 1 FROM `mail_accounts` WHERE `id` = NEW.`mail_account_id`)
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;
CREATE TRIGGER `grants_token_requested` AFTER UPDATE OF `last_request_at` ON `grants` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;
CREATE TRIGGER `app_tokens_token_requested` AFTER UPDATE OF `last_request_at` ON `app_tokens` WHEN NEW.`last_request_at` IS NOT NULL
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `tokens_succeeded`, `tokens_refused`, `tokens_failed`) VALUES
		('all', NEW.`last_request_at` / 86400000, NEW.`last_request_outcome` = 'succeeded', NEW.`last_request_outcome` = 'refused', NEW.`last_request_outcome` = 'failed')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `tokens_succeeded` = `tokens_succeeded` + excluded.`tokens_succeeded`, `tokens_refused` = `tokens_refused` + excluded.`tokens_refused`, `tokens_failed` = `tokens_failed` + excluded.`tokens_failed`;
END;
CREATE TRIGGER `mail_accounts_deleted` AFTER DELETE ON `mail_accounts`
BEGIN
	DELETE FROM `daily_counts` WHERE `subject` = OLD.`id`;
END;
CREATE TRIGGER `validations_adopted` AFTER UPDATE OF `saved` ON `validations` WHEN NEW.`saved` = 1 AND OLD.`saved` = 0
BEGIN
	INSERT INTO `daily_counts` (`subject`, `day`, `passed`, `failed`, `inconclusive`) VALUES
		(NEW.`mail_account_id`, NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive'),
		('all', NEW.`checked_at` / 86400000, NEW.`outcome` = 'passed', NEW.`outcome` = 'failed', NEW.`outcome` = 'inconclusive')
	ON CONFLICT (`subject`, `day`) DO UPDATE SET `passed` = `passed` + excluded.`passed`, `failed` = `failed` + excluded.`failed`, `inconclusive` = `inconclusive` + excluded.`inconclusive`;
END;
