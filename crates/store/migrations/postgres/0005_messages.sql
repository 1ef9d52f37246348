-- Mails and SMS that are sent: live mode alone. Those of test mode are kept to be read.

ALTER TABLE messages ADD COLUMN due_ms BIGINT;
ALTER TABLE messages ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN state TEXT COLLATE "C";
ALTER TABLE messages ADD COLUMN error TEXT COLLATE "C";
CREATE INDEX messages_due ON messages (due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX messages_failed ON messages (id) WHERE state = 'failed';
