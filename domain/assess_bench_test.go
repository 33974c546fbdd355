package domain

import (
	"testing"
)

// certified plays a whole history to the top level.
func certified(t testing.TB) *world {
	w := newWorld(t, peerworks(t))
	w.openAll()
	for _, s := range w.sessions() {
		w.mark(s, Present)
	}
	for range 40 {
		a := w.assess()
		award := a.Awards[0]
		if len(award.Binding) == 0 {
			return w
		}
		for _, n := range resultAt(a.Results, award.Binding[0]).Lacks.Nearest() {
			w.must2(w.supply(n))
			w.day()
		}
	}
	t.Fatal("the top level was not reached")
	return nil
}

func (w *world) must2(err error) {
	if err != nil {
		w.t.Errorf("%v", err)
		w.t.FailNow()
	}
}

// BenchmarkAssess reviews one registration that has earned the top level.
func BenchmarkAssess(b *testing.B) {
	w := certified(b)
	f := w.facts()
	b.ReportMetric(float64(len(w.entries)), "entries")
	for b.Loop() {
		Assess(w.p, f, w.now)
	}
}

// BenchmarkDecode reads the entries of one such registration.
func BenchmarkDecode(b *testing.B) {
	w := newWorld(b, peerworks(b))
	payload, err := Encode(&AttendanceMarked{Session: "3", Status: Present, Source: SourceTrainer}, Header{
		Ledger: "test", Subject: SubjectOf(KindRegistration, worldRegistration), Time: w.now, Recorded: w.now, Version: 9,
		Previous: HashOf(nil), Nonce: "00000000000000000000000000000000", Actor: AttesterActor("t1"), ActorRole: RoleTrainer,
		CommandID: "hmac:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", CommandHash: "hmac:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if _, err := Decode(1, payload); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReview reviews a registration with 200 pieces of evidence that its
// programme asks for, under each programme that ships.
func BenchmarkReview(b *testing.B) {
	all := shipped(b)
	for _, name := range sortedKeys(all) {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, all[name])
			w.openAll()
			asks := w.asks()
			for i := range 200 {
				x := asks[i%len(asks)]
				n := recordNeed(&view{p: w.p}, x.kind, x.where)
				if x.unit != "" {
					amount := int64(30 + i%7*10)
					n.Quantity, n.Unit, n.Currency, n.AtOnce = &amount, x.unit, x.coin, true
				}
				if len(x.parts) > 0 {
					n.Category = x.parts[i%len(x.parts)]
				}
				w.must2(w.supply(n))
			}
			f := w.facts()
			b.ReportMetric(float64(len(w.entries)), "entries")
			for b.Loop() {
				Assess(w.p, f, w.now)
			}
		})
	}
}
