#!/bin/sh
# Builds the stand-in's images: deskcast/kasm-standin:old, :new, :no-startup (no custom_startup.sh, as a desktop image)
# and :plain (a web application on port 8080). `docker import` makes them from a tar, so no builder is needed.
# Does nothing when the images exist and were made from the same sources; --force builds anyway.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
workspace=$(cd "$here/../../.." && pwd)
repository=deskcast/kasm-standin
label=io.deskcast.standin.inputs

inputs=$(
	cd "$here"
	LC_ALL=C find Cargo.toml build.sh src www cert -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c1-64
)
current() {
	for tag in old new no-startup plain; do
		made=$(docker image inspect --format "{{ index .Config.Labels \"$label\" }}" "$repository:$tag" 2>/dev/null) || return 1
		[ "$made" = "$inputs" ] || return 1
	done
}
if [ "${1:-}" != --force ] && current; then
	echo "$repository: up to date"
	exit 0
fi

triple=$(rustc -vV | sed -n 's/^host: //p')
# A folder of its own: the programs of the tests are built at the same time, and cargo locks its folder.
target=${CARGO_TARGET_DIR:-$workspace/target}/static
# A static program: the image has nothing else in it.
(cd "$workspace" && RUSTFLAGS='-C target-feature=+crt-static' CARGO_TARGET_DIR=$target \
	cargo build -p kasm-standin --bin kasm-standin --profile dist --target "$triple")

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
mkdir -p "$root/bin" "$root/usr/bin" "$root/usr/share/kasmvnc/www/Downloads" "$root/dockerstartup" \
	"$root/etc" "$stage/home/home/kasm-user" "$stage/tmp/tmp"
chmod 755 "$stage/home/home" "$stage/home/home/kasm-user"
chmod 1777 "$stage/tmp/tmp"
install -m 755 "$target/$triple/dist/kasm-standin" "$root/usr/bin/kasm-standin"
ln "$root/usr/bin/kasm-standin" "$root/bin/bash"
cp -R "$here/www/." "$root/usr/share/kasmvnc/www/"
ln -s /home/kasm-user/Downloads "$root/usr/share/kasmvnc/www/Downloads/Downloads"
echo 'kasm-user:x:1000:1000::/home/kasm-user:/bin/bash' >"$root/etc/passwd"
echo 'kasm-user:x:1000:' >"$root/etc/group"
# The program knows these scripts by name; their text does not matter.
for script in dockerstartup/kasm_default_profile.sh dockerstartup/vnc_startup.sh dockerstartup/kasm_startup.sh \
	dockerstartup/kasm_pre_shutdown_user.sh dockerstartup/custom_startup.sh usr/bin/desktop_ready; do
	echo '#!/bin/bash' >"$root/$script"
	chmod 755 "$root/$script"
done
chmod -R u=rwX,go=rX "$root"

# pack [PATH TO LEAVE OUT]: one tar, with the home for uid 1000 and the rest for root.
pack() {
	tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner ${1:+"--exclude=$1"} -cf "$stage/image.tar" .
	tar -C "$stage/tmp" --owner=0 --group=0 --numeric-owner -rf "$stage/image.tar" tmp
	tar -C "$stage/home" --owner=0 --group=0 --numeric-owner --no-recursion -rf "$stage/image.tar" home
	tar -C "$stage/home" --owner=1000 --group=1000 --numeric-owner -rf "$stage/image.tar" home/kasm-user
}
kasmweb="LABEL com.kasmweb.image=true"
make_image() { # TAG FLAVOUR PORT [LABEL]
	docker import \
		--change "LABEL $label=$inputs" \
		${4:+--change "$4"} \
		--change 'ENV HOME=/home/kasm-user' \
		--change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' \
		--change 'ENV DISPLAY=:1' \
		--change 'ENV VNC_PW=vncpassword' \
		--change "ENV KASM_STANDIN_FLAVOUR=$2" \
		--change "ENV NO_VNC_PORT=$3" \
		--change "EXPOSE $3" \
		--change 'WORKDIR /home/kasm-user' \
		--change 'USER 1000' \
		--change 'ENTRYPOINT ["/dockerstartup/kasm_default_profile.sh","/dockerstartup/vnc_startup.sh","/dockerstartup/kasm_startup.sh"]' \
		--change 'CMD ["--wait"]' \
		"$stage/image.tar" "$repository:$1" >/dev/null
	echo "$repository:$1"
}
pack ''
make_image old old 6901 "$kasmweb"
make_image new new 6901 "$kasmweb"
pack ./dockerstartup/custom_startup.sh
make_image no-startup new 6901 "$kasmweb"
make_image plain plain 8080
