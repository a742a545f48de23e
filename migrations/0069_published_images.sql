-- The image as it was when an administrator published the type: its id (sha256:…). A name can be given to other contents
-- later; what starts is what somebody looked at. None: whatever the name stands for, as for the types of the first start.
alter table desktop_types add column image_id text
    constraint desktop_types_image_id_length check (length(image_id) between 1 and 200);
