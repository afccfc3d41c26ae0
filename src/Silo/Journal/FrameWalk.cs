using System.Buffers.Binary;

namespace HallOps.Silo.Journal;

/// <summary>
/// Walks the records of a flush's body and goes on behind broken ones: each step is either one whole record (its checksum fits) or one broken stretch of bytes.
/// Where a broken record's length still leads to a whole record, the stretch is that record; where not, the stretch ends at the next place where a whole record begins.
/// </summary>
internal ref struct FrameWalk(ReadOnlySpan<byte> body)
{
    // Length, then at least 7 one-byte fields, chain and checksum.
    private const int MinFrame = 4 + 27;

    // A single flipped bit is looked for in records up to this size: 32,768 checksums of 4 KiB take some 15 ms.
    private const int MaxRepair = 4096;

    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;

    public bool Broken { get; private set; }
    public ReadOnlySpan<byte> Bytes { get; private set; }
    public int Offset { get; private set; }

    /// <summary>Of a whole record.</summary>
    public uint Hall { get; private set; }
    public ulong Epoch { get; private set; }
    public long Sequence { get; private set; }

    public bool Next()
    {
        if (_at == _body.Length) return false;
        var rest = _body[_at..];
        Broken = !IsWhole(rest, out var length);
        if (Broken) length = StretchAt(rest);
        Offset = _at;
        Bytes = rest[..length];
        _at += length;
        if (!Broken) (Hall, Epoch, Sequence) = RecordFrame.Peek(Bytes, out _);
        return true;
    }

    /// <summary>What stands in a broken stretch if one bit, or nothing but its length, is changed: a record that fits its checksum then; null where there is none.</summary>
    public readonly (uint Hall, long Sequence)? Repaired()
    {
        if (Bytes.Length is < MinFrame or > MaxRepair) return null;
        var copy = Bytes.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(copy, (uint)(copy.Length - 4));
        for (var bit = 31; bit < copy.Length * 8; bit++)
        {
            // Bit 31 stands for the length alone, which is written right already.
            if (bit > 31) copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (IsWhole(copy, out _))
            {
                var (hall, _, sequence) = RecordFrame.Peek(copy, out _);
                return (hall, sequence);
            }
            if (bit > 31) copy[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        return null;
    }

    /// <summary>Hall and sequence as they stand in a broken stretch, right or not; null where the numbers cannot be read.</summary>
    public readonly (uint Hall, long Sequence)? Claimed()
    {
        if (Bytes.Length < MinFrame) return null;
        try
        {
            var reader = new ByteReader(Bytes[4..]);
            var hall = checked((uint)reader.Var());
            reader.Var();
            return (hall, checked((long)reader.Var()));
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static int StretchAt(ReadOnlySpan<byte> rest)
    {
        if (rest.Length >= MinFrame)
        {
            var end = 4L + BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (end >= MinFrame && (end == rest.Length || (end < rest.Length && IsWhole(rest[(int)end..], out _)))) return (int)end;
        }
        for (var at = 1; at <= rest.Length - MinFrame; at++)
            if (IsWhole(rest[at..], out _)) return at;
        return rest.Length;
    }

    private static bool IsWhole(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < MinFrame) return false;
        var stated = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (stated is < MinFrame - 4 or > RecordFrame.MaxLength || stated > bytes.Length - 4) return false;
        length = 4 + (int)stated;
        return Crc32C.Of(bytes[4..(length - 4)]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - 4)..]);
    }
}
