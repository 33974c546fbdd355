//go:build race

package proof

// everyNth thins out what is tried byte by byte: under the race detector it is
// how goroutines meet that is looked at, and each try takes ten times as long.
const everyNth = 41
