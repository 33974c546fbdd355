package domain

import "testing"

// BenchmarkRederive derives a decision anew, from its entries on.
func BenchmarkRederive(b *testing.B) {
	w := certified(b)
	a, p := w.act(StaffActor("c1"), RoleCertifier), w.p.Awards[0]
	f := w.facts()
	head := w.cohort.Head
	f.Reads = []Read{{Subject: SubjectOf(KindCohort, worldCohort), Version: head.Version, Sequence: head.Sequence, Hash: head.Hash}}
	events, err := Grant{Act: a, Registration: worldRegistration, Level: p.Highest()}.Decide(f)
	if err != nil {
		b.Fatal(err)
	}
	CommonOf(events[0]).Reads = f.Reads
	payload, err := Encode(events[0], Header{
		Ledger: "test", Subject: SubjectOf(KindRegistration, worldRegistration), Time: a.At, Recorded: w.now, Version: w.standing.Version + 1,
		Previous: w.standing.Hash, Nonce: "00000000000000000000000000000000", Actor: a.By, ActorRole: a.Role, CommandID: a.Command, CommandHash: "hmac:x",
	})
	if err != nil {
		b.Fatal(err)
	}
	e, err := Decode(uint64(len(w.entries)+1), payload)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(payload)), "bytes")
	for b.Loop() {
		if err := Rederive(e, payload, f); err != nil {
			b.Fatal(err)
		}
	}
}
