-- Whose mailboxes are private: a small employer with one reads nobody else's there.

CREATE TABLE public_mail_domains (
    domain text PRIMARY KEY CHECK (domain = lower(domain) AND domain LIKE '%.%')
);
COMMENT ON TABLE public_mail_domains IS
    'Mail providers that anybody may have an address with. An employer''s address there says '
    'nothing of other addresses; of all other domains it does (S30).';

INSERT INTO public_mail_domains (domain)
VALUES
    ('altibox.no'),
    ('aol.com'),
    ('bbnett.no'),
    ('broadpark.no'),
    ('c2i.net'),
    ('ebnett.no'),
    ('enivest.net'),
    ('fastmail.com'),
    ('frisurf.no'),
    ('getmail.no'),
    ('gmail.com'),
    ('gmx.com'),
    ('gmx.net'),
    ('googlemail.com'),
    ('haugnett.no'),
    ('hotmail.com'),
    ('hotmail.no'),
    ('icloud.com'),
    ('live.com'),
    ('live.no'),
    ('lyse.net'),
    ('mac.com'),
    ('me.com'),
    ('msn.com'),
    ('online.no'),
    ('outlook.com'),
    ('outlook.no'),
    ('proton.me'),
    ('protonmail.com'),
    ('start.no'),
    ('yahoo.com'),
    ('yahoo.no');
