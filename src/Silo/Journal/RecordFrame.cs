using System.Buffers.Binary;
using System.Security.Cryptography;

namespace HallOps.Silo.Journal;

/// <summary>
/// One record of a hall's history. <see cref="StartsCommand"/> marks the first record of a command; the records that follow it, up to the next such mark, are of the
/// same command. Time-driven changes are commands of their own, by the actor <c>hall</c>, without id.
/// </summary>
/// <param name="At">Milliseconds since 1970-01-01Z.</param>
/// <param name="Actor">Who: set on a command's first record, else empty.</param>
/// <param name="CommandId">16 bytes of SHA-256 over caller, hall, method, path and Idempotency-Key; 0 where there was no key. On a command's first record only.</param>
/// <param name="BodyHash">16 bytes of the SHA-256 of the command's body; 0 without a key.</param>
/// <param name="Type">The event's type number, never reused.</param>
/// <param name="Version">Of the payload's layout, from 1.</param>
/// <param name="Chain">16 bytes of SHA-256 over the previous record's chain and this record.</param>
public readonly record struct JournalRecord(uint Hall, ulong Epoch, long Sequence, long At, bool StartsCommand, string Actor, UInt128 CommandId, UInt128 BodyHash,
    int Type, int Version, ReadOnlyMemory<byte> Payload, UInt128 Chain);

/// <summary>
/// The layout of a record in the journal (docs/journal-format.md): <c>length u32 · hall · epoch · sequence · at · flags · [actor] · [command id 16 · body hash 16] · type · version · payload · chain 16 · crc32c u32</c>;
/// numbers without a width are varints. The length counts everything after itself.
/// </summary>
public static class RecordFrame
{
    private const byte Starts = 1;
    private const byte HasKey = 2;

    /// <summary>Larger than any event: a configured document is 16 MiB at most.</summary>
    public const int MaxLength = 32 << 20;

    /// <summary>Writes a record whose chain follows <paramref name="previous"/>; returns the record's own chain.</summary>
    /// <param name="record"><see cref="JournalRecord.Chain"/> is not read.</param>
    /// <param name="payload">Read instead of the record's own, so that a caller's buffer need not be copied.</param>
    public static UInt128 Write(ByteWriter to, in JournalRecord record, ReadOnlySpan<byte> payload, UInt128 previous)
    {
        var start = to.Length;
        to.U32(0);
        to.Var(record.Hall);
        to.Var(record.Epoch);
        to.Var((ulong)record.Sequence);
        to.Var((ulong)record.At);
        var keyed = record.CommandId != UInt128.Zero;
        to.Byte((byte)((record.StartsCommand ? Starts : 0) | (keyed ? HasKey : 0)));
        if (record.StartsCommand) to.String(record.Actor);
        if (keyed)
        {
            to.U128(record.CommandId);
            to.U128(record.BodyHash);
        }
        to.Var((ulong)record.Type);
        to.Var((ulong)record.Version);
        to.Raw(payload);
        var chain = ChainOf(previous, to.At(start + 4, to.Length - start - 4));
        to.U128(chain);
        to.U32(Crc32C.Of(to.At(start + 4, to.Length - start - 4)));
        BinaryPrimitives.WriteUInt32LittleEndian(to.At(start, 4), (uint)(to.Length - start - 4));
        return chain;
    }

    /// <summary>Reads the record at the start of <paramref name="bytes"/>. The payload is a slice of them.</summary>
    /// <param name="previous">Where given, the chain is checked against the previous record's.</param>
    /// <exception cref="FormatException">The bytes end early, the checksum or the chain does not fit.</exception>
    public static JournalRecord Read(ReadOnlyMemory<byte> bytes, out int consumed, UInt128? previous = null)
    {
        var length = LengthAt(bytes.Span);
        consumed = 4 + length;
        var body = bytes.Slice(4, length);
        var span = body.Span;
        if (Crc32C.Of(span[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(span[^4..])) throw new FormatException("A record's checksum does not fit.");
        var record = Fields(body);
        if (previous is { } before && ChainOf(before, span[..^20]) != record.Chain) throw new FormatException("A record's chain does not follow the one before it.");
        return record;
    }

    /// <summary>Reads the record at the start of bytes whose checksum was looked at already; nothing is checked again.</summary>
    /// <exception cref="FormatException">The fields do not fit the length.</exception>
    internal static JournalRecord ReadChecked(ReadOnlyMemory<byte> bytes, out int consumed)
    {
        var length = LengthAt(bytes.Span);
        consumed = 4 + length;
        return Fields(bytes.Slice(4, length));
    }

    private static JournalRecord Fields(ReadOnlyMemory<byte> body)
    {
        var span = body.Span;
        var reader = new ByteReader(span[..^20]);
        var hall = checked((uint)reader.Var());
        var epoch = reader.Var();
        var sequence = checked((long)reader.Var());
        var at = checked((long)reader.Var());
        var flags = reader.Byte();
        if (flags > (Starts | HasKey)) throw new FormatException($"A record's flags are {flags}.");
        var actor = (flags & Starts) != 0 ? reader.Id() : "";
        var id = (flags & HasKey) != 0 ? reader.U128() : UInt128.Zero;
        var hash = (flags & HasKey) != 0 ? reader.U128() : UInt128.Zero;
        var type = checked((int)reader.Var());
        var version = checked((int)reader.Var());
        var payload = body[reader.Position..^20];
        var chain = BinaryPrimitives.ReadUInt128LittleEndian(span[^20..^4]);
        return new JournalRecord(hall, epoch, sequence, at, (flags & Starts) != 0, actor, id, hash, type, version, payload, chain);
    }

    /// <summary>Reads hall, epoch and sequence only, checksum not checked: what a start-up scan shares out.</summary>
    public static (uint Hall, ulong Epoch, long Sequence) Peek(ReadOnlySpan<byte> bytes, out int consumed)
    {
        consumed = 4 + LengthAt(bytes);
        var reader = new ByteReader(bytes.Slice(4, consumed - 4));
        return (checked((uint)reader.Var()), reader.Var(), checked((long)reader.Var()));
    }

    private static int LengthAt(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4) throw new FormatException("A record ends before its length.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length is < 27 or > MaxLength || length > bytes.Length - 4) throw new FormatException($"A record's length is {length}, {bytes.Length - 4} bytes are left.");
        return (int)length;
    }

    private static UInt128 ChainOf(UInt128 previous, ReadOnlySpan<byte> record)
    {
        var size = 16 + record.Length;
        var bytes = size <= 1024 ? stackalloc byte[size] : new byte[size];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, previous);
        record.CopyTo(bytes[16..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
