package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/spf13/cobra"
)

func (a *app) dossier() *cobra.Command {
	var (
		server serverFlags
		out    string
		person bool
	)
	cmd := &cobra.Command{
		Use:   "dossier ID --out DIR",
		Short: "Take everything needed to derive a decision again, without the server",
		Long: `Take the dossier of a decision, or with --person of all decisions on a person:
rules, entries, proofs, and the signed checkpoint, in a new directory, or in a
file where the name ends in .zip. Personal values in it stay sealed.

Anybody can verify it offline with certverify and the log's key, which they should
have been given by another way (certledger key show).`,
		Example: `  certledger dossier 4cffcd8cdf022da1bdeaba19ee450bf5 --out dossier
  certverify dossier --log-key ledger.vkey
  certledger dossier --person 5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7 --out person.zip`,
		Args: takes(1, 1, "the ID of a decision, or with --person of a person"),
	}
	server.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "new `directory`, or file ending in .zip")
	cmd.Flags().BoolVar(&person, "person", false, "ID is a person's")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case out == "":
			return usage("where to? give --out DIR, or --out FILE.zip")
		case !domain.IsSlug(args[0]):
			return usage("that is no identifier; one looks like 4cffcd8cdf022da1bdeaba19ee450bf5")
		}
		c, err := server.client()
		if err != nil {
			return err
		}
		path := "/v1/decisions/" + args[0] + "/dossier"
		if person {
			path = "/v1/persons/" + args[0] + "/dossier"
		}
		files, err := c.dossier(cmd.Context(), path)
		if err != nil {
			return err
		}
		if err := writeDossier(files, out); err != nil {
			return err
		}
		a.note("%d files in %s; verify them with: certverify %s --log-key KEY\n", len(files), out, out)
		return nil
	}
	return cmd
}

// dossier fetches one.
func (c *client) dossier(ctx context.Context, path string) (proof.Files, error) {
	res, err := c.send(ctx, http.MethodGet, path, nil, "Accept", "application/zip")
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(res.Body, proof.DossierBytesMax*2))
	if err != nil {
		return nil, fmt.Errorf("%s stopped in the middle of its answer", c.server)
	}
	if res.StatusCode >= 300 {
		return nil, asProblem(res, body)
	}
	files, err := proof.ReadDossierZip(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("%s does not answer with a dossier: %w", c.server, err)
	}
	return files, nil
}

// writeDossier writes a new directory or a zip; nothing that is there is
// touched.
func writeDossier(files proof.Files, out string) error {
	if strings.HasSuffix(out, ".zip") {
		if _, err := os.Lstat(out); err == nil {
			return fmt.Errorf("%s is there already; choose another name", out)
		}
		return writeFile(out, files.WriteZip)
	}
	empty, err := isEmpty(out)
	if err != nil {
		return errors.New(plain(err))
	}
	if !empty {
		return fmt.Errorf("%s is not empty; choose a new directory", out)
	}
	for _, f := range files {
		name := filepath.Join(out, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return errors.New(plain(err))
		}
		if err := os.WriteFile(name, f.Content, 0o600); err != nil {
			return errors.New(plain(err))
		}
	}
	return nil
}
