package programme

// elapsed reads a test of the time between two moments, or from one until now.
func (r *reader) elapsed(t table, n *node, owner string) Test {
	at, ok := r.open(n, t.at("elapsed"), "elapsed", "from", "to")
	if !ok {
		return nil
	}
	from, least := at.need("from", "elapsed"), t.need("at-least", "elapsed time")
	if from == nil || least == nil {
		return nil
	}
	return Elapsed{
		From: r.moments(from, at.at("from"), owner), To: r.moments(at.get("to"), at.at("to"), owner),
		AtLeast: r.length(least, t.at("at-least")),
	}
}
