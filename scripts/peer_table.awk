# The table of bench_vs_peers.sh from its samples, tab-separated: network, mode, batch, program, variant, ms,
# ms x GFLOP/s, peak memory and what there was of it before the network, both in MB.
# Medians over the rounds; of each program the variant with the least ms x GFLOP/s.
BEGIN { FS = "\t"; programs = split("torch onednn onnx", program, " ") }

{
  what = $1 FS $2 FS $3
  key = what FS $4 FS $5
  if (!(what in seen)) { seen[what]; order[++works] = what }
  if (!(key in ms)) variants[what FS $4] = variants[what FS $4] "|" $5
  ms[key] = ms[key] " " $6
  product[key] = product[key] " " $7
  memory[key] = memory[key] " " $8
  base[key] = $9
}

function median(numbers,    n, i, j, swap, sorted) {
  n = split(numbers, sorted, " ")
  for (i = 2; i <= n; ++i)
    for (j = i; j > 1 && sorted[j] + 0 < sorted[j - 1] + 0; --j) {
      swap = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = swap
    }
  return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

# The key of its fastest variant; "" where the program did not run.
function fastest(group,    n, i, list, key, least, found) {
  if (!(group in variants)) return ""
  n = split(variants[group], list, "|")  # the first is empty: each variant has a bar before it
  for (i = 2; i <= n; ++i) {
    key = group FS list[i]
    if (found == "" || median(product[key]) < least) { least = median(product[key]); found = key }
  }
  return found
}

function row(what, ours, theirs,    name, part, own, other, above) {
  split(what, name, FS)
  split(theirs, part, FS)
  own = median(memory[ours])
  other = median(memory[theirs])
  above = "-"
  if (base[theirs] > 0) above = sprintf("%.2f", (own - base[ours]) / (other - base[theirs]))
  printf "| %s | %s %s | %.1f ms, %.0f MB | %s %s | %.1f ms, %.0f MB | %.2f | %.2f | %s |\n", name[1], name[2], name[3],
    median(ms[ours]), own, part[4], part[5], median(ms[theirs]), other, median(product[theirs]) / median(product[ours]),
    own / other, above
}

END {
  print "| network | what, batch | lineament | its fastest peer of a kind | | times as fast | of its memory | both less their start |"
  print "| --- | --- | --- | --- | --- | --- | --- | --- |"
  for (i = 1; i <= works; ++i) {
    ours = fastest(order[i] FS "lineament")
    for (p = 1; p <= programs; ++p) {
      theirs = fastest(order[i] FS program[p])
      if (ours != "" && theirs != "") row(order[i], ours, theirs)
    }
  }
}
