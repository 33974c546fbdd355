package programme

func (r *reader) check() {
	for i := range r.p.Measures {
		r.p.Measures[i].Unit = r.measureUnit[r.p.Measures[i].Key].unit
	}
}
