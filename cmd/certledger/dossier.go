package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/eventstore/proof"
	"github.com/spf13/cobra"
)

// Who may read what a command writes: its user alone.
const (
	privateDir  fs.FileMode = 0o700
	privateFile fs.FileMode = 0o600
)

func (a *app) dossier() *cobra.Command {
	var (
		server  serverFlags
		out     string
		person  bool
		purpose string
	)
	cmd := &cobra.Command{
		Use:   "dossier ID --out DIR",
		Short: "Take everything needed to derive a decision again, without the server",
		Long: `Take the dossier of a decision, or with --person of all decisions on a person:
rules, entries, proofs, and the signed checkpoint, in a new directory, or in a
file where the name ends in .zip, readable by you alone.

Personal values in it stay sealed. With --purpose, those that your role may read
for it are added in the clear, in the files opened.json and opened. That you read
them is recorded, before any is opened. Remove both files before you pass the
dossier on: the rest verifies alike.

Anybody can verify it offline with certverify and the log's key, which they should
have been given by another way (certledger key show).`,
		Example: `  certledger dossier 4cffcd8cdf022da1bdeaba19ee450bf5 --out dossier
  certverify dossier --log-key ledger.vkey
  certledger dossier --person 5f0c9b1e7a2d4c6e8f10a2b3c4d5e6f7 --out person.zip
  certledger dossier 4cffcd8cdf022da1bdeaba19ee450bf5 --out appeal --purpose appeal`,
		Args: takes(1, 1, "the ID of a decision, or with --person of a person"),
	}
	server.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "new `directory`, or file ending in .zip")
	cmd.Flags().BoolVar(&person, "person", false, "ID is a person's")
	cmd.Flags().StringVar(&purpose, "purpose", "", "`why` sealed values are to be opened: "+strings.Join(domain.Purposes(), ", "))
	complete := cobra.FixedCompletions(domain.Purposes(), cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc("purpose", complete); err != nil {
		panic("certledger: " + err.Error()) // the flag is there
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case out == "":
			return usage("where to? give --out DIR, or --out FILE.zip")
		case purpose != "" && !slices.Contains(domain.Purposes(), purpose):
			return usage("--purpose can be %s", strings.Join(domain.Purposes(), ", "))
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
		if purpose != "" {
			path += "?purpose=" + purpose
		}
		files, err := c.dossier(cmd.Context(), path)
		if err != nil {
			return err
		}
		if err := writeDossier(files, out); err != nil {
			return err
		}
		a.note("%d files in %s; verify them with: certverify %s --log-key KEY\n", len(files), out, out)
		if purpose != "" {
			a.note("Sealed values stand open in it: keep it apart, and remove opened.json and opened before you pass it on.\n")
		}
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
	if err := errors.Join(os.MkdirAll(out, privateDir), os.Chmod(out, privateDir)); err != nil {
		return errors.New(plain(err))
	}
	for _, f := range files {
		name := filepath.Join(out, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), privateDir); err != nil {
			return errors.New(plain(err))
		}
		if err := os.WriteFile(name, f.Content, privateFile); err != nil {
			return errors.New(plain(err))
		}
	}
	return nil
}
