package api

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// Every key that ever signed is told, the newest first.
func TestKeyHistory(t *testing.T) {
	at := func(sequence uint64) domain.Origin {
		return domain.Origin{Sequence: sequence, Time: time.Unix(int64(sequence), 0).UTC()}
	}
	point := func(sequence uint64) *KeyPoint { return &KeyPoint{sequence, time.Unix(int64(sequence), 0).UTC()} }
	rotations := []domain.KeyRotation{{Old: "a", New: "b", Made: at(10)}, {Old: "b", New: "c", Made: at(20)}}
	require.Empty(t, KeyHistory(nil, nil))
	require.Equal(t, []SigningKey{{Key: "a", Signs: true}}, KeyHistory(nil, []string{"a"}))
	require.Equal(t, []SigningKey{
		{Key: "b", Signs: true, From: point(10)}, {Key: "a", Signs: true, Replaced: point(10)},
	}, KeyHistory(rotations[:1], []string{"a", "b"}))
	require.Equal(t, []SigningKey{
		{Key: "c", Signs: true, From: point(20)}, {Key: "b", From: point(10), Replaced: point(20)}, {Key: "a", Replaced: point(10)},
	}, KeyHistory(rotations, []string{"c"}))
	require.Equal(t, []SigningKey{
		{Key: "x", Signs: true}, {Key: "b", From: point(10)}, {Key: "a", Replaced: point(10)},
	}, KeyHistory(rotations[:1], []string{"x"}), "a key that the ledger does not know of is told all the same")
}
