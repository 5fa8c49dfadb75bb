# Prints the shell commands (functions of "actions") that a cloud-config, meta-data or network-config asks for at a `stage`.

END {
  read_yaml()
  if (stage == "meta") meta()
  else if (stage == "network") network()
  else if (stage == "always") { host_name(); commands(".bootcmd") }
  else if (stage == "init") { users(); root_login(); host_keys(); files(); unknown() }
  else if (stage == "final") commands(".runcmd")
}

function quote(s) { gsub(/'/, "'\\''", s); return "'" s "'" }

function list(path,    i, result) { # a list, or a text with commas or spaces, as words
  if (kind[path] != "list") { result = text[path]; gsub(/,/, " ", result); return result }
  for (i = 0; i < size[path]; i++) result = result (i ? " " : "") text[path "[" i "]"]
  return result
}

function meta(    id) {
  id = text[".instance-id"]
  gsub(/[^A-Za-z0-9._-]/, "_", id)
  if (id != "" && id !~ /^\.+$/) print "instance=" quote(id)
  if (text[".local-hostname"] != "") print "set_hostname " quote(text[".local-hostname"])
}

function host_name(    name) {
  name = text[".hostname"] != "" ? text[".hostname"] : text[".fqdn"]
  if (name != "") print "set_hostname " quote(name)
}

function commands(path,    i, j, item, words) {
  for (i = 0; i < size[path]; i++) {
    item = path "[" i "]"
    words = kind[item] == "list" ? "" : " sh -c " quote(text[item])
    for (j = 0; j < size[item]; j++) words = words " " quote(text[item "[" j "]"])
    if (words != "") print "run" words
  }
}

# The first user gets the keys at the top of the document; "default" (and no list at all, when there are such keys) is "debian".
function users(    i, user, name, first) {
  if (size[".users"] == 0 && kind[".ssh_authorized_keys"] == "list") default_user()
  for (i = 0; i < size[".users"]; i++) {
    user = ".users[" i "]"
    name = kind[user] == "map" ? text[user ".name"] : text[user]
    if (name == "default") { default_user(); name = "debian" }
    else if (name ~ /^[a-z_][a-z0-9_.-]*$/) {
      print "add_user", quote(name), quote(text[user ".shell"]), quote(text[user ".homedir"]), quote(text[user ".gecos"]), \
        quote(text[user ".uid"]), quote(list(user ".groups"))
      sudo(name, user ".sudo")
      keys(name, user ".ssh_authorized_keys")
      keys(name, user ".ssh-authorized-keys")
    } else { print "ignored", quote("user " name); continue }
    if (first == "") first = name
  }
  if (first == "") first = "debian"
  keys(first, ".ssh_authorized_keys")
  if (text[".disable_root"] == "false") keys("root", ".ssh_authorized_keys")
}

function default_user() { print "add_user debian /bin/bash '' Debian '' 'sudo adm'; allow_sudo debian 'ALL=(ALL) NOPASSWD:ALL'" }

function sudo(name, path,    i) {
  if (kind[path] == "list") for (i = 0; i < size[path]; i++) print "allow_sudo", quote(name), quote(text[path "[" i "]"])
  else if (text[path] != "" && tolower(text[path]) != "false") print "allow_sudo", quote(name), quote(text[path])
}

function keys(name, path,    i) {
  for (i = 0; i < size[path]; i++) if (text[path "[" i "]"] != "") print "authorize", quote(name), quote(text[path "[" i "]"])
  if (kind[path] == "text" && text[path] != "") print "authorize", quote(name), quote(text[path])
}

function root_login() { if (text[".disable_root"] == "false") print "allow_root_login" }

function host_keys(    i, name) {
  for (i = 0; i < size[".ssh_keys"]; i++) {
    name = key[".ssh_keys", i]
    if (name ~ /^(ed25519|ecdsa|rsa)_private$/) print "set_host_key", substr(name, 1, index(name, "_") - 1), quote(text[".ssh_keys." name])
  }
}

function files(    i, file) {
  for (i = 0; i < size[".write_files"]; i++) {
    file = ".write_files[" i "]"
    print "write_file", quote(text[file ".path"]), quote(text[file ".content"]), quote(text[file ".encoding"]), \
      quote(text[file ".permissions"]), quote(text[file ".owner"]), quote(text[file ".append"])
  }
}

function unknown(    i) {
  for (i = 0; i < size[""]; i++)
    if (key["", i] !~ /^(hostname|fqdn|users|ssh_authorized_keys|ssh_keys|ssh_pwauth|ssh_deletekeys|disable_root|write_files|bootcmd|runcmd|preserve_hostname|manage_etc_hosts|growpart|resize_rootfs)$/)
      print "ignored", quote(key["", i])
}

function network(    i, id, path, gateway, j) {
  for (i = 0; i < size[".ethernets"]; i++) {
    id = key[".ethernets", i]
    path = ".ethernets." id
    gateway = text[path ".gateway4"]
    for (j = 0; j < size[path ".routes"]; j++)
      if (text[path ".routes[" j "].to"] ~ /^(default|0\.0\.0\.0\/0)$/) gateway = text[path ".routes[" j "].via"]
    print "configure_interface", quote(id), quote(tolower(text[path ".match.macaddress"])), quote(text[path ".dhcp4"] ~ /^(true|yes)$/ ? "true" : ""), \
      quote(list(path ".addresses")), quote(gateway), quote(list(path ".nameservers.addresses"))
  }
}
