package domain

// Says is a due day in a plain sentence.
func (d DueDay) Says() string {
	of, in := spoken(d.Of), ""
	if d.Period != "" {
		in = " of period " + d.Period
	}
	if d.Track != "" {
		in += ", " + spoken(d.Track)
	}
	switch d.What {
	case DueEnd:
		if d.Period != "" {
			return "Period " + d.Period + " of " + of + " ends."
		}
		return "The last day on which " + of + " holds."
	case DuePhase:
		return "The status becomes " + spoken(d.Status) + ", unless something is done about " + of + in + "."
	case DueOpens:
		return "From this day on " + of + in + " can be filed."
	case DueCloses:
		return "The last day to file " + of + in + "."
	case DueAnswer:
		return "The last day for " + by(d.By) + " to answer " + of + in + named(d.ID) + "."
	case DueTask:
		return "The last day for " + of + named(d.ID) + "."
	}
	return spoken(d.What) + " " + of + "."
}

// by is a role that has to act, for a sentence.
func by(role string) string {
	if role == "" || role == RoleStaff {
		return "staff"
	}
	return "the " + spoken(role)
}
