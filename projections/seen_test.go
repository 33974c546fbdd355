package projections

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSeenForgetsNothing(t *testing.T) {
	const names = 20_000
	s := newSeen(names)
	wrong := 0
	for i := range names {
		if s.before(strconv.Itoa(i)) {
			wrong++
		}
	}
	require.Less(t, wrong, names/50, "few that are new are taken for known")
	for i := range names {
		require.True(t, s.before(strconv.Itoa(i)))
	}
	require.False(t, newSeen(0).before("a"))
}
