# Reads the YAML that people and libraries write into cloud-configs (JSON is part of it): nested block and flow mappings and sequences,
# plain, quoted and block scalars. Not: anchors, complex keys, several documents.
#
# Result: kind[path] is "map", "list" or "text"; text[path] the scalar; size[path] the entries of a map or list; key[path, n] the n-th
# key. Paths look like .users[0].name, the whole document is "".

{ sub(/\r$/, ""); sub(/^--- +/, ""); line[NR] = $0 }

function read_yaml() {
  at = 1
  last = NR
  block(0, "")
}

function column(s) { match(s, /^ */); return RLENGTH }

function skip_empty() {
  while (at <= last && line[at] ~ /^ *(#.*)?$|^---[ \t]*$|^%/) at++
  if (at <= last && line[at] ~ /^\.\.\.[ \t]*$/) last = at - 1
}

# Length of a key at the start of s, up to and with its colon; 0 when there is none.
function key_length(s,    first, i, c) {
  first = substr(s, 1, 1)
  if (first == "\"" || first == "'") {
    for (i = 2; i <= length(s); i++) {
      c = substr(s, i, 1)
      if (c == "\\" && first == "\"") i++
      else if (c == first) break
    }
    return substr(s, i + 1) ~ /^ *:( |$)/ ? i + index(substr(s, i + 1), ":") : 0
  }
  if (first ~ /[][{},#&*!|>%@`]/) return 0
  return match(s, /:( |$)/) ? RSTART : 0
}

function plain_key(s) {
  sub(/ *:$/, "", s)
  if (s ~ /^".*"$|^'.*'$/) s = substr(s, 2, length(s) - 2)
  return s
}

function add_key(path, name,    child) {
  child = path "." name
  if (!(child in kind)) key[path, size[path]++] = name
  kind[child] = "text"
  text[child] = ""
  return child
}

function set_text(path, value) { kind[path] = "text"; text[path] = value }

# The node that starts at the current line, indented by at least `least`.
function block(least, path,    col, rest, n, child) {
  skip_empty()
  col = column(line[at])
  if (at > last || col < least) { set_text(path, ""); return }
  rest = substr(line[at], col + 1)
  if (rest ~ /^-( |$)/) {
    kind[path] = "list"
    for (n = 0; at <= last && column(line[at]) == col && substr(line[at], col + 1) ~ /^-( |$)/; n++) {
      size[path] = n + 1
      line[at] = sprintf("%" (col + 1) "s", "") substr(line[at], col + 2)
      rest = line[at]
      sub(/^ +/, "", rest)
      child = path "[" n "]"
      if (rest == "" || rest ~ /^#/) { at++; block(col + 1, child) }
      else if (rest ~ /^-( |$)/ || key_length(rest)) block(col + 1, child)
      else value(rest, col, child)
      skip_empty()
    }
  } else if (key_length(rest)) {
    kind[path] = "map"
    while (at <= last && column(line[at]) == col && (n = key_length(substr(line[at], col + 1)))) {
      rest = substr(line[at], col + 1)
      child = add_key(path, plain_key(substr(rest, 1, n)))
      value(substr(rest, n + 1), col, child)
      skip_empty()
    }
  } else value(rest, col - 1, path)
}

# What follows a key or a dash, whose column is `parent`.
function value(rest, parent, path) {
  sub(/^ +/, "", rest)
  while (rest ~ /^[!&][^ ]*( |$)/) sub(/^[!&][^ ]* */, "", rest)
  if (rest == "" || rest ~ /^#/) {
    at++
    skip_empty()
    if (at <= last && column(line[at]) == parent && line[at] ~ /^ *-( |$)/) block(parent, path)
    else block(parent + 1, path)
  } else if (rest ~ /^[|>]/) set_text(path, block_scalar(rest, parent))
  else if (rest ~ /^["'{[]/) {
    flow = rest
    place = 1
    flow_value(path)
    at++
  } else set_text(path, plain(rest, parent))
}

function plain(rest, parent) {
  sub(/ +#.*/, "", rest)
  for (at++; at <= last && line[at] !~ /^ *(#.*)?$/ && column(line[at]) > parent; at++) {
    sub(/^ +/, "", line[at])
    sub(/ +#.*/, "", line[at])
    rest = rest " " line[at]
  }
  sub(/ +$/, "", rest)
  return rest == "~" || rest == "null" ? "" : rest
}

function block_scalar(header, parent,    folded, keep, strip, col, result, empty, current, previous) {
  folded = header ~ /^>/
  keep = header ~ /^[|>][0-9]?\+/
  strip = header ~ /^[|>][0-9]?-/
  col = match(header, /[0-9]/) ? (parent < 0 ? 0 : parent) + substr(header, RSTART, 1) : -1
  result = empty = ""
  for (at++; at <= last; at++) {
    current = line[at]
    if (current ~ /^ *$/ && (col < 0 || length(current) <= col)) { empty = empty "\n"; continue }
    if (col < 0 && column(current) > parent) col = column(current)
    if (column(current) < col || col < 0) break
    current = substr(current, col + 1)
    if (result == "") result = empty current
    else if (folded && current !~ /^ / && previous !~ /^ /) result = result (empty == "" ? " " : empty) current
    else result = result "\n" empty current
    empty = ""
    previous = current
  }
  if (result == "") return keep ? empty : ""
  return strip ? result : keep ? result "\n" empty : result "\n"
}

# Flow style reads characters from `flow`, going on to the next line at its end.
function blank(    c) {
  while (1) {
    if (place > length(flow)) {
      if (at >= last) return ""
      flow = line[++at]
      place = 1
    } else {
      c = substr(flow, place, 1)
      if (c == "#" && (place == 1 || substr(flow, place - 1, 1) == " ")) place = length(flow) + 1
      else if (c ~ /[ \t]/) place++
      else return c
    }
  }
}

function flow_value(path,    c, name, n) {
  c = blank()
  if (c == "{") {
    kind[path] = "map"
    place++
    while ((c = blank()) != "" && c != "}") {
      if (c == ",") { place++; continue }
      name = flow_scalar()
      name = add_key(path, name)
      if (blank() == ":") { place++; if (blank() !~ /[,}]/) flow_value(name) }
    }
    place++
  } else if (c == "[") {
    kind[path] = "list"
    place++
    for (n = size[path] = 0; (c = blank()) != "" && c != "]"; ) {
      if (c == ",") { place++; continue }
      flow_value(path "[" n "]")
      size[path] = ++n
    }
    place++
  } else set_text(path, flow_scalar())
}

function flow_scalar(    c, start) {
  c = substr(flow, place, 1)
  if (c == "\"") return double_quoted()
  if (c == "'") return single_quoted()
  start = place
  while (1) {
    c = substr(flow, place, 1)
    if (c ~ /[][{},]/ || (c == ":" && substr(flow, place + 1, 1) ~ /^[],} ]?$/)) break
    if (++place > length(flow)) {
      c = substr(flow, start)
      sub(/ +(#.*)?$/, "", c)
      if (at >= last) { flow = c; break }
      folded_break()
      flow = c " " flow
      place = length(c) + 2
      start = 1
    }
  }
  if (start == place) place++ # never stand still
  c = substr(flow, start, place - start)
  sub(/ +$/, "", c)
  return c == "null" || c == "~" ? "" : c
}

# A quoted scalar goes on in the next line: a line break is a space, each empty line a line break.
function folded_break(    breaks) {
  breaks = ""
  while (at < last && line[++at] ~ /^[ \t]*$/) breaks = breaks "\n"
  flow = line[at]
  sub(/^[ \t]+/, "", flow)
  place = 1
  return breaks
}

function single_quoted(    result, n, breaks) {
  for (place++; ; ) {
    n = index(substr(flow, place), "'")
    if (n == 0) {
      result = result substr(flow, place)
      if (at >= last) return result
      sub(/[ \t]+$/, "", result)
      breaks = folded_break()
      result = result (breaks == "" ? " " : breaks)
    } else if (substr(flow, place + n, 1) == "'") {
      result = result substr(flow, place, n)
      place += n + 1
    } else {
      result = result substr(flow, place, n - 1)
      place += n
      return result
    }
  }
}

function double_quoted(    result, rest, c, breaks) {
  for (place++; ; ) {
    rest = substr(flow, place)
    if (match(rest, /["\\]/) == 0) {
      result = result rest
      if (at >= last) return result
      sub(/[ \t]+$/, "", result)
      breaks = folded_break()
      result = result (breaks == "" ? " " : breaks)
      continue
    }
    result = result substr(rest, 1, RSTART - 1)
    place += RSTART
    if (substr(rest, RSTART, 1) == "\"") return result
    c = substr(flow, place, 1)
    if (c == "" && at < last) result = result folded_break()
    else {
      place++
      result = result escaped(c)
    }
  }
}

function escaped(c,    digits, code) {
  if (c == "n") return "\n"
  if (c == "t") return "\t"
  if (c == "r") return "\r"
  if (c == "e") return "\033"
  if (c == "a") return "\a"
  if (c == "b") return "\b"
  if (c == "f") return "\f"
  if (c == "v") return "\v"
  if (c == "0") return ""
  digits = c == "x" ? 2 : c == "u" ? 4 : c == "U" ? 8 : 0
  if (!digits) return c
  code = hexadecimal(substr(flow, place, digits))
  place += digits
  if (digits == 4 && code >= 55296 && code < 56320 && substr(flow, place, 2) == "\\u") { # a surrogate pair, as JSON has it
    code = 65536 + (code - 55296) * 1024 + hexadecimal(substr(flow, place + 2, 4)) - 56320
    place += 6
  }
  return utf8(code)
}

function hexadecimal(digits,    i, code) {
  for (i = 1; i <= length(digits); i++) code = code * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
  return code
}

function utf8(code) {
  if (code < 128) return sprintf("%c", code)
  if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
  if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
  return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}
