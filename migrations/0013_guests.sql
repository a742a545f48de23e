-- Guests: accounts that casting makes, one for each request (contract identity 2). A role of its own, because a guest
-- is never a teacher or an administrator and can never become anything else.
alter type user_role add value 'guest' before 'user';
