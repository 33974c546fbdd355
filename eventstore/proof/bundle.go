package proof

import (
	"encoding/binary"
)

const (
	bundlePart   = "entry bundle"
	bundlePrefix = 2 // bytes of an entry's length
	entryMax     = 1<<16 - 1
)

// EntryBundle writes the leaves of a tile of entries, C2SP tlog-tiles: each after
// its length in two bytes, the higher one first. There are 1 to TileWidth of 0 to
// 65535 bytes.
func EntryBundle(leaves [][]byte) ([]byte, error) {
	if len(leaves) < 1 || len(leaves) > TileWidth {
		return nil, fault(ErrRange, bundlePart, "a tile has 1 to %d entries", TileWidth)
	}
	length := 0
	for _, leaf := range leaves {
		length += bundlePrefix + len(leaf)
	}
	bundle := make([]byte, 0, length)
	for _, leaf := range leaves {
		if len(leaf) > entryMax {
			return nil, fault(ErrRange, bundlePart, "an entry is longer than %d bytes", entryMax)
		}
		bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(leaf)))
		bundle = append(bundle, leaf...)
	}
	return bundle, nil
}

// ParseEntryBundle reads the bundle of a tile of that width. The leaves are parts
// of the bundle's own bytes.
func ParseEntryBundle(bundle []byte, width int) ([][]byte, error) {
	if width < 1 || width > TileWidth {
		return nil, fault(ErrRange, bundlePart, "a tile has 1 to %d entries", TileWidth)
	}
	leaves := make([][]byte, 0, width)
	for range width {
		if len(bundle) < bundlePrefix {
			return nil, fault(ErrForm, bundlePart, "it ends after %d of %d entries", len(leaves), width)
		}
		length := int(binary.BigEndian.Uint16(bundle))
		bundle = bundle[bundlePrefix:]
		if len(bundle) < length {
			return nil, fault(ErrForm, bundlePart, "it ends within entry %d of %d", len(leaves)+1, width)
		}
		leaves = append(leaves, bundle[:length:length])
		bundle = bundle[length:]
	}
	if len(bundle) > 0 {
		return nil, fault(ErrForm, bundlePart, "it goes on after %d entries", width)
	}
	return leaves, nil
}
