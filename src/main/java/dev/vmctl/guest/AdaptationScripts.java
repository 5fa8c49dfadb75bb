package dev.vmctl.guest;

/**
 * What is done in a Linux guest after a change from outside. POSIX shell on one line, without
 * single quotes and backslashes, as {@link GuestScripts}: what a user wrote arrives on their input.
 */
final class AdaptationScripts {
  private static final String ROOT =
      "PATH=$PATH:/usr/sbin:/sbin; s=; [ \"$(id -u)\" = 0 ] || s=\"sudo -n\"; "
          + "nap() { sleep 0.1 2>/dev/null || sleep 1; }; ";

  /** The block device with this serial number, once it is there: {@code $k}. */
  private static final String FIND =
      "IFS= read -r serial; k=; n=0; while [ $n -lt 100 ]; do for f in /sys/block/*/serial; do "
          + "[ \"$(cat \"$f\" 2>/dev/null)\" = \"$serial\" ] && k=${f%/serial} && k=${k##*/}; done; "
          + "[ -n \"$k\" ] && break; n=$((n + 1)); nap; done; ";

  /** Grows a file system that is mounted from the device {@code $k} at {@code $at}. */
  private static final String GROW =
      "grow() { case \"$3\" in ext2|ext3|ext4) $s resize2fs \"/dev/$1\" ;; "
          + "xfs) $s xfs_growfs \"$2\" ;; btrfs) $s btrfs filesystem resize max \"$2\" ;; "
          + "*) echo \"the file system $3 at $2 cannot be grown from here\"; return 1 ;; esac; }; ";

  /** Reads a number: so many processors are waited for, and brought into use. */
  static final String PROCESSORS =
      ROOT
          + "read -r want; n=0; while :; do have=0; for c in /sys/devices/system/cpu/cpu[0-9]*; do "
          + "o=$c/online; if [ -e \"$o\" ] && [ \"$(cat \"$o\")\" != 1 ]; then "
          + "echo 1 | $s tee \"$o\" >/dev/null; fi; "
          + "if [ ! -e \"$o\" ] || [ \"$(cat \"$o\")\" = 1 ]; then have=$((have + 1)); fi; done; "
          + "[ $have -ge \"$want\" ] && exit 0; n=$((n + 1)); [ $n -lt 150 ] || break; nap; done; "
          + "echo \"$have of $want processors came into use\"; exit 1";

  /** Reads the disk's size: waits until it is seen, then grows partition and file system. */
  static final String GROW_ROOT =
      ROOT
          + GROW
          + "read -r bytes; dev=; while read -r d at t rest; do "
          + "[ \"$at\" = / ] && dev=$d && type=$t; done </proc/mounts; "
          + "[ -e \"$dev\" ] || dev=$(findmnt -n -o SOURCE /); "
          + "k=$(readlink -f \"$dev\"); k=${k##*/}; "
          + "[ -e \"/sys/class/block/$k\" ] || { echo \"no disk under $dev\"; exit 1; }; "
          + "p=$k; number=; if [ -e \"/sys/class/block/$k/partition\" ]; then "
          + "number=$(cat \"/sys/class/block/$k/partition\"); "
          + "p=$(readlink -f \"/sys/class/block/$k/..\"); p=${p##*/}; fi; "
          + "n=0; while [ $(($(cat \"/sys/class/block/$p/size\") * 512)) -lt \"$bytes\" ]; do "
          + "n=$((n + 1)); [ $n -lt 100 ] || { echo \"the guest does not see the new size\"; exit 1; }; "
          + "nap; done; "
          + "if [ -n \"$number\" ]; then if command -v growpart >/dev/null; then "
          + "m=$($s growpart \"/dev/$p\" \"$number\" 2>&1) || case \"$m\" in NOCHANGE*) ;; "
          + "*) echo \"$m\"; exit 1 ;; esac; "
          + "else echo \",+\" | $s sfdisk --no-reread -N \"$number\" \"/dev/$p\" && "
          + "$s partx -u \"/dev/$p\" || exit 1; fi; fi; "
          + "grow \"$k\" / \"$type\"";

  /** Reads a serial number: waits for the disk, and grows a file system mounted from it. */
  static final String DATA_DISK =
      ROOT
          + GROW
          + FIND
          + "[ -n \"$k\" ] || { echo \"the guest does not see the disk $serial\"; exit 1; }; "
          + "own=$(cat /sys/block/$k/dev); while read -r a b mm r at rest; do "
          + "if [ \"$mm\" = \"$own\" ]; then t=${rest##* - }; "
          + "grow \"$k\" \"$(printf %b \"$at\")\" \"${t%% *}\" || exit 1; break; fi; "
          + "done </proc/self/mountinfo";

  /** Reads a serial number: writes out and unmounts what is on that disk. */
  static final String UNMOUNT =
      ROOT
          + "IFS= read -r serial; k=; for f in /sys/block/*/serial; do "
          + "[ \"$(cat \"$f\" 2>/dev/null)\" = \"$serial\" ] && k=${f%/serial} && k=${k##*/}; done; "
          + "[ -n \"$k\" ] || exit 0; sync; "
          + "for h in /sys/block/$k/holders/* /sys/block/$k/$k*/holders/*; do "
          + "[ -e \"$h\" ] && { echo \"the disk $serial is in use by ${h##*/}\"; exit 1; }; done; "
          + "grep \"^/dev/$k[0-9]* \" /proc/swaps && { echo \"the disk $serial is swapped to\"; exit 1; }; "
          + "own=$(cat /sys/block/$k/dev /sys/block/$k/$k*/dev 2>/dev/null); all=$(cat /proc/self/mountinfo); "
          // The last that was mounted first: it may be mounted in another.
          + "echo \"$all\" | tac | while read -r a b mm r at rest; do for d in $own; do "
          + "if [ \"$mm\" = \"$d\" ]; then $s umount \"$(printf %b \"$at\")\" || exit 1; fi; "
          + "done; done";

  /** Reads an address: brings the card into use, with DHCP where there is a client for it. */
  static final String CARD =
      ROOT
          + "IFS= read -r mac; i=; n=0; while [ $n -lt 100 ]; do for f in /sys/class/net/*/address; do "
          + "[ \"$(cat \"$f\" 2>/dev/null)\" = \"$mac\" ] && i=${f%/address} && i=${i##*/}; done; "
          + "[ -n \"$i\" ] && break; n=$((n + 1)); nap; done; "
          + "[ -n \"$i\" ] || { echo \"the guest does not see the card $mac\"; exit 1; }; "
          + "$s ip link set \"$i\" up || exit 1; "
          + "if command -v dhclient >/dev/null; then $s dhclient -nw \"$i\" >/dev/null 2>&1; "
          + "elif networkctl status >/dev/null 2>&1; then f=/run/systemd/network/90-vmctl-$i.network; "
          + "$s mkdir -p /run/systemd/network; "
          + "{ echo \"[Match]\"; echo \"MACAddress=$mac\"; echo \"[Network]\"; echo \"DHCP=ipv4\"; } "
          + "| $s tee \"$f\" >/dev/null && $s networkctl reload; fi; exit 0";

  /** Reads the name. */
  static final String HOST_NAME =
      ROOT
          + "IFS= read -r name; "
          + "if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then "
          + "$s hostnamectl set-hostname \"$name\" || exit 1; "
          + "else echo \"$name\" | $s tee /etc/hostname >/dev/null && $s hostname \"$name\" || exit 1; fi; "
          + "if grep -q \"^127[.]0[.]1[.]1\" /etc/hosts; then "
          + "$s sed -i \"s/^127[.]0[.]1[.]1.*/127.0.1.1 $name ${name%%.*}/\" /etc/hosts; "
          + "else echo \"127.0.1.1 $name ${name%%.*}\" | $s tee -a /etc/hosts >/dev/null; fi";

  /** Reads keys, a line each: those to allow after a plus, those to forbid after a minus. */
  static final String KEYS =
      "umask 077; mkdir -p ~/.ssh; f=~/.ssh/authorized_keys; touch \"$f\"; "
          + "while IFS= read -r line; do key=${line#?}; case \"$line\" in "
          + "+*) grep -qxF -e \"$key\" \"$f\" || { [ -z \"$(tail -c 1 \"$f\")\" ] || echo >>\"$f\"; "
          + "echo \"$key\" >>\"$f\"; } || exit 1 ;; "
          + "-*) grep -vxF -e \"$key\" \"$f\" >\"$f.vmctl\"; [ $? -le 1 ] || exit 1; "
          + "cat \"$f.vmctl\" >\"$f\" || exit 1; rm -f \"$f.vmctl\" ;; esac; done";

  private AdaptationScripts() {}
}
