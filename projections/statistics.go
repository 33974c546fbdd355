package projections

import "bytes"

// Statistics are counts over the whole ledger up to the position.
type Statistics struct {
	Entries       uint64
	ByType        map[string]uint64            // entries by event type
	Registrations map[string]map[string]uint64 // by programme and state
}

// Statistics reads the counters; they are a few rows.
func (r reads) Statistics() (Statistics, error) {
	return read(r, func(r reader) (Statistics, error) {
		out := Statistics{ByType: map[string]uint64{}, Registrations: map[string]map[string]uint64{}}
		err := r.scan([]byte{viewCount}, []byte{viewCount + 1}, func(key, value []byte) (bool, error) {
			n := number(value)
			if name, ok := bytes.CutPrefix(key[1:], []byte(countEntries)); ok {
				out.ByType[string(name)] = n
				out.Entries += n
				return true, nil
			}
			programme, state, _ := bytes.Cut(key[1+len(countStates):], []byte{0})
			if out.Registrations[string(programme)] == nil {
				out.Registrations[string(programme)] = map[string]uint64{}
			}
			out.Registrations[string(programme)][string(state)] = n
			return true, nil
		})
		return out, err
	})
}
