package projections

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

type packed struct {
	Word    domain.Date
	Number  int64
	Count   uint32
	Truth   bool
	At      time.Time
	Raw     json.RawMessage
	List    []string
	Pointer *int64
	Nested  []packed
	domain.Head
}

func TestPackingKeepsEveryDifference(t *testing.T) {
	minus := int64(-7)
	toronto := time.Date(2026, 3, 8, 12, 30, 0, 114_000_000, time.FixedZone("", -4*3600))
	for _, v := range []packed{
		{},
		{Word: "2026-03-08", Number: -1 << 62, Count: 1<<32 - 1, Truth: true, At: toronto, Raw: json.RawMessage(`{"a":1}`)},
		{List: []string{}, Raw: json.RawMessage{}, Nested: []packed{}, At: toronto.UTC()},
		{List: []string{"", "é\x00"}, Pointer: &minus, Nested: []packed{{Number: 1}, {Head: domain.Head{Version: 3, Hash: "h"}}}},
	} {
		b := pack(nil, &v)
		var out packed
		require.NoError(t, unpack(b, &out))
		require.Equal(t, v, out)
		require.Equal(t, b, pack(nil, &out))
		for n := range b {
			require.ErrorIs(t, unpack(b[:n], new(packed)), errPacked, "the first %d bytes", n)
		}
		require.ErrorIs(t, unpack(append(b, 0), new(packed)), errPacked)
	}
}

func TestUnpackingGarbageIsAnError(t *testing.T) {
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}
	require.ErrorIs(t, unpack(huge, new(stateRow[domain.Standing])), errPacked)
	for seed := range 2000 {
		b := make([]byte, seed%97)
		for i := range b {
			b[i] = byte(seed * (i + 3) * 31)
		}
		_ = unpack(b, new(stateRow[domain.Standing])) // must return
	}
}

func TestRowsRefuseWhatCannotBePacked(t *testing.T) {
	require.Panics(t, func() {
		planOf(reflect.TypeFor[struct{ hidden int }]()).put(nil, reflect.ValueOf(struct{ hidden int }{}))
	})
	require.Panics(t, func() { planOf(reflect.TypeFor[map[string]int]()) })
}

func TestTheShapeSaysWhatIsPacked(t *testing.T) {
	type one struct{ A, B string }
	type two struct{ B, A string }
	type three struct{ A, B []string }
	shapes := map[string]bool{}
	for _, typ := range []reflect.Type{reflect.TypeFor[one](), reflect.TypeFor[two](), reflect.TypeFor[three](), reflect.TypeFor[packed]()} {
		shapes[shapeOf(typ)] = true
	}
	require.Len(t, shapes, 4)
}

// Every state and summary of a history comes back as it was folded.
func TestStatesComeBackAsTheyWereFolded(t *testing.T) {
	s := applied(t, busy(5))
	seen := map[domain.Kind]int{}
	for subject, hot := range s.folder.hot.young {
		if hot.head().Version == 0 {
			continue
		}
		seen[subject.Kind()]++
		stored, err := load(reader{s.db, s}, subject)
		require.NoError(t, err)
		hot.sequences = nil
		require.Equal(t, hot, stored)
	}
	require.Len(t, seen, 6)
}
