// Reads messages, one in base64 a line, into structs: encoding/json takes names in any letter case, and the last of them.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

type payload struct {
	SenderID     *string `json:"sender_id"`
	TargetUserID *string `json:"target_user_id"`
	Type         *string `json:"type"`
	SDP          *string `json:"sdp"`
}

type message struct {
	Type     *string `json:"type"`
	RoomID   *string `json:"room_id"`
	SenderID *string `json:"sender_id"`
	Payload  payload `json:"payload"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		text, err := base64.StdEncoding.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		var anything any
		if err := json.Unmarshal(text, &anything); err != nil {
			panic(fmt.Sprintf("%v: %s", err, text))
		}
		var read message
		if err := json.Unmarshal(text, &read); err != nil {
			panic(fmt.Sprintf("%v: %s", err, text))
		}
		of := read.Payload
		said, _ := json.Marshal([]*string{read.Type, read.RoomID, read.SenderID, of.SenderID, of.TargetUserID, of.Type, of.SDP})
		fmt.Println(string(said))
	}
}
