// Prints the subjects in the inbox of an email account, with github.com/emersion/go-imap, version 1.
// With a number of seconds as its argument, it does so again and again.
// Run with MAILGRANT_URL, MAILGRANT_KEY (an API key with the scope "tokens") and MAILGRANT_ACCOUNT (ma_...).
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
)

type question struct {
	RejectedExpiresAt string `json:"rejected_expires_at,omitempty"`
}

// answer is a token with its server, or a problem.
type answer struct {
	Host          string
	Port          int
	XOAUTH2       string `json:"xoauth2_raw"`
	ExpiresAt     string `json:"expires_at"`
	ExpiresIn     int    `json:"expires_in"`
	KeepUntil     time.Time
	Title, Detail string
}

// fetchToken returns a token with its server. It exits with the reason if someone must act first.
func fetchToken(rejectedExpiresAt string) (token answer) {
	body, err := json.Marshal(question{rejectedExpiresAt})
	if err != nil {
		log.Fatal(err)
	}
	url := os.Getenv("MAILGRANT_URL") + "/v1/mail-accounts/" + os.Getenv("MAILGRANT_ACCOUNT") + "/access-token"
	http.DefaultClient.Timeout = time.Minute
	for {
		request, err := http.NewRequest("POST", url, bytes.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+os.Getenv("MAILGRANT_KEY"))
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		err = json.NewDecoder(response.Body).Decode(&token)
		response.Body.Close()
		switch status := response.StatusCode; {
		case err != nil:
			log.Fatal(err)
		case status == http.StatusOK:
			// Mailgrant has another token from five minutes before the end of this one.
			token.KeepUntil = time.Now().Add(time.Duration(token.ExpiresIn-300) * time.Second)
			return token
		case status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable:
			log.Fatalf("%s: %s", token.Title, token.Detail)
		}
		// Microsoft is unreachable or limits requests: the header says when to ask again.
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

// xoauth2 implements sasl.Client.
type xoauth2 string

func (x xoauth2) Start() (string, []byte, error) { return "XOAUTH2", []byte(x), nil }

// Next answers the reason that a server sends before it refuses the token.
func (x xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

// connect returns an error if the server refuses the token.
func connect(token answer) (*client.Client, error) {
	c, err := client.DialTLS(fmt.Sprintf("%s:%d", token.Host, token.Port), nil)
	if err != nil {
		log.Fatal(err)
	}
	return c, c.Authenticate(xoauth2(token.XOAUTH2))
}

// token is kept in memory, never in a file or a log.
var token answer

func logIn() *client.Client {
	if time.Now().After(token.KeepUntil) {
		token = fetchToken("")
	}
	c, refusal := connect(token)
	if refusal != nil {
		// The server refused the token before its time. Report that, and try once with another.
		refused := token
		token = fetchToken(refused.ExpiresAt)
		if token.XOAUTH2 != refused.XOAUTH2 {
			c, refusal = connect(token)
		}
		if refusal != nil {
			log.Fatal(refusal)
		}
	}
	return c
}

func printSubjects() {
	c := logIn()
	defer c.Logout()
	inbox, err := c.Select("INBOX", true)
	if err != nil {
		log.Fatal(err)
	}
	if inbox.Messages == 0 {
		return
	}

	all := new(imap.SeqSet)
	all.AddRange(1, inbox.Messages)
	messages := make(chan *imap.Message)
	done := make(chan error, 1)
	go func() { done <- c.Fetch(all, []imap.FetchItem{imap.FetchEnvelope}, messages) }()
	for message := range messages {
		fmt.Println(message.Envelope.Subject)
	}
	if err := <-done; err != nil {
		log.Fatal(err)
	}
}

func main() {
	printSubjects()
	for len(os.Args) > 1 {
		seconds, err := strconv.Atoi(os.Args[1])
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		printSubjects()
	}
}
