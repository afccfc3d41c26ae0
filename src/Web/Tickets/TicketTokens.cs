using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using HallOps.Core.Halls;

namespace HallOps.Web.Tickets;

/// <summary>
/// The visitor's key and the pad's: nothing is stored, a token is its ticket with 16 bytes of HMAC-SHA-256 under the deployment's ticket key, so
/// forging one takes 2^128 guesses. Safe from any thread.
/// </summary>
public sealed class TicketTokens(byte[] key)
{
    private const int MacLength = 16;
    private const int IdLength = sizeof(uint) + sizeof(long);
    private const int LegLength = sizeof(long) + sizeof(int);
    private const int TokenLength = IdLength + MacLength;

    /// <summary>38 characters of base64url: hall number, ordinal (both big-endian) and their HMAC.</summary>
    public string Of(TicketId id)
    {
        Span<byte> token = stackalloc byte[TokenLength];
        Write(token, id);
        Mac(token[..IdLength], token[IdLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>False for anything that <see cref="Of"/> did not write under this key.</summary>
    public bool TryRead(string token, out TicketId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[TokenLength];
        if (!TryDecode(token, bytes)) return false;
        Span<byte> mac = stackalloc byte[MacLength];
        Mac(bytes[..IdLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[IdLength..])) return false;
        id = new TicketId(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(uint)..]));
        return true;
    }

    /// <summary>What the pad of the window sends back with its rating: ordinal, leg and their HMAC, bound to hall and window.</summary>
    public string NonceOf(HallId hall, WindowId window, TicketId ticket, int leg)
    {
        Span<byte> nonce = stackalloc byte[LegLength + MacLength];
        BinaryPrimitives.WriteInt64BigEndian(nonce, ticket.Ordinal);
        BinaryPrimitives.WriteInt32BigEndian(nonce[sizeof(long)..], leg);
        PadMac(hall, window, ticket, leg, nonce[LegLength..]);
        return Base64Url.EncodeToString(nonce);
    }

    /// <summary>False for a nonce of another window or hall, or one that was not made here.</summary>
    public bool TryReadNonce(string nonce, HallId hall, uint hallNumber, WindowId window, out TicketId ticket, out int leg)
    {
        (ticket, leg) = (default, 0);
        Span<byte> bytes = stackalloc byte[LegLength + MacLength];
        if (!TryDecode(nonce, bytes)) return false;
        var id = new TicketId(hallNumber, BinaryPrimitives.ReadInt64BigEndian(bytes));
        var number = BinaryPrimitives.ReadInt32BigEndian(bytes[sizeof(long)..]);
        Span<byte> mac = stackalloc byte[MacLength];
        PadMac(hall, window, id, number, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes[LegLength..])) return false;
        (ticket, leg) = (id, number);
        return true;
    }

    private void PadMac(HallId hall, WindowId window, TicketId ticket, int leg, Span<byte> mac)
    {
        // "pad" and the lengths keep a nonce's input from ever being a token's, or another window's.
        var input = Encoding.UTF8.GetBytes($"pad {hall.Value.Length} {hall} {window.Value.Length} {window} {ticket} {leg}");
        Mac(input, mac);
    }

    private void Mac(ReadOnlySpan<byte> input, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, input, whole);
        whole[..MacLength].CopyTo(mac);
    }

    private static void Write(Span<byte> to, TicketId id)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, id.Hall);
        BinaryPrimitives.WriteInt64BigEndian(to[sizeof(uint)..], id.Ordinal);
    }

    // Exactly one spelling: no padding, no white space, no stray bits in the last character.
    private static bool TryDecode(string text, Span<byte> bytes) =>
        text.Length == Base64Url.GetEncodedLength(bytes.Length)
        && Base64Url.IsValid(text, out var length) && length == bytes.Length
        && Base64Url.TryDecodeFromChars(text, bytes, out _)
        && Base64Url.EncodeToString(bytes) == text;
}
