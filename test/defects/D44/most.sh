# most.sh LOG: how many responses were made, and whether more than two were there at once.
awk '/made/ { all++; if (++now > most) most = now }
     /plotted/ { now-- }
     END { print all " made, at most 2 at once: " (most <= 2 ? "yes" : "no, " most) }' "$1"
