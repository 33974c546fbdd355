package programme

// topics says, list by list, which modules cover each topic, and which topics
// none does.
func (t teller) topics() []Item {
	var out []Item
	for _, x := range t.p.Topics {
		var l lines
		open := x.Uncovered()
		l.repeat("coverage", "Covered", number(int64(len(x.Topics)-len(open)))+" of "+plural(int64(len(x.Topics)), "topics"))
		l.repeat("open", "Not covered", and(keys(open, func(topic Topic) string { return topic.Key })))
		l.rests(x.Source, x.Assumes)
		item := Item{Key: x.Key, Lines: l}
		for _, topic := range x.Topics {
			var l lines
			by := "no module"
			if len(topic.Modules) > 0 {
				by = and(t.moduleNames(topic.Modules))
			}
			l.add("covered", "Covered by", by)
			item.Items = append(item.Items, Item{Key: x.Key + "/" + topic.Key, Lead: topic.Title, Lines: l})
		}
		out = append(out, item)
	}
	return out
}

// moduleNames are modules with their titles.
func (t teller) moduleNames(modules []string) []string {
	out := make([]string, len(modules))
	for i, key := range modules {
		out[i] = key
		if m, ok := t.p.Module(key); ok && m.Title != "" {
			out[i] += " (" + m.Title + ")"
		}
	}
	return out
}
