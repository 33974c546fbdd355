package projections

// EachDecision visits every decision in the order of ids, until each reports
// false or an error.
func (r reads) EachDecision(each func(id string, at DecisionAt) (bool, error)) error {
	_, err := read(r, func(r reader) (struct{}, error) {
		prefix := []byte{viewDecision}
		return struct{}{}, r.scan(prefix, afterKey(prefix), func(key, value []byte) (bool, error) {
			var at DecisionAt
			if err := unpack(value, &at); err != nil {
				return false, err
			}
			return each(string(key[len(prefix):]), at)
		})
	})
	return err
}
