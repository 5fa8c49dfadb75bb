# Splits user-data into files NN.part (NN.part.base64 when encoded) in `directory`: a MIME multi-part message into its parts, else as it is.
NR == 1 { mime = /^(MIME-Version|Content-Type):/; number = 1; header = mime; if (!mime) open_part("") }
!mime { print > file; next }
header && /^[Cc]ontent-[Tt]ype: *multipart/ { multipart = 1 }
header && /boundary=/ { boundary = $0; sub(/.*boundary="?/, "", boundary); sub(/[";].*/, "", boundary); next }
boundary != "" && index($0, "--" boundary) == 1 { if (file != "") close(file); file = ""; header = 1; encoding = ""; next }
header && tolower($0) ~ /^content-transfer-encoding: *base64/ { encoding = ".base64" }
header && /^$/ { header = 0; started = 0; next }
header { next }
boundary != "" { if (!started) { open_part(encoding); started = 1 } print > file }
function open_part(suffix) { file = sprintf("%s/%02d.part%s", directory, number++, suffix); printf "" > file }
