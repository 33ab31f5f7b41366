# Reads messages, one in base64 a line, with the decoder that comes with Perl.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;

my $json = JSON::PP->new->utf8->allow_nonref->ascii->max_depth(64);
while (my $line = <STDIN>) {
    my $message = $json->decode(decode_base64($line));
    my $payload = $message->{payload};
    print $json->encode([@{$message}{qw(type room_id sender_id)}, @{$payload}{qw(sender_id target_user_id type sdp)}]), "\n";
}
