/**
 * The members of the browser's WebRTC dictionaries that signaling needs, so that neither the DOM's types nor a WebRTC
 * implementation is required. Objects of the browser, werift and others fit as they are.
 */

/** Fits `RTCSessionDescription`, `RTCSessionDescriptionInit` and `pc.localDescription`. */
export interface SessionDescription {
  readonly type: string;
  readonly sdp?: string | undefined;
}

/** What an `offer` event carries; give it to `setRemoteDescription`. */
export interface OfferDescription {
  type: 'offer';
  sdp: string;
}

/** What an `answer` event carries; give it to `setRemoteDescription`. */
export interface AnswerDescription {
  type: 'answer' | 'pranswer';
  sdp: string;
}

/** Fits `RTCIceCandidate` and `RTCIceCandidateInit`. An empty or absent `candidate` means the end of candidates. */
export interface IceCandidate {
  readonly candidate?: string | undefined;
  readonly sdpMid?: string | null | undefined;
  readonly sdpMLineIndex?: number | null | undefined;
  readonly usernameFragment?: string | null | undefined;
}

/** What an `ice_candidate` event carries; give it to `addIceCandidate`. `candidate: ''` is the end of candidates. */
export interface IceCandidateInit {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** Fits `RTCIceServer`. */
export interface RtcIceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/** Fits `RTCConfiguration`: give it to `new RTCPeerConnection`. */
export interface RtcConfiguration {
  iceServers: RtcIceServer[];
  iceTransportPolicy: 'all' | 'relay';
  bundlePolicy: 'balanced' | 'max-compat' | 'max-bundle';
  /**
   * At run time what the server said, `negotiate` included, for the implementations that still know it. WebRTC and the
   * DOM's types have dropped that value.
   */
  rtcpMuxPolicy: 'require';
}
