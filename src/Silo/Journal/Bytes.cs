using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace HallOps.Silo.Journal;

/// <summary>Grows as it is written to; numbers are LEB128 varints, strings UTF-8 with their length. Not thread-safe; reused by its owner.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);
    public byte[] ToArray() => Written.ToArray();
    public void Clear() => Length = 0;

    /// <summary>Room for <paramref name="count"/> bytes at the end, counted as written.</summary>
    public Span<byte> Take(int count)
    {
        if (_bytes.Length - Length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        var span = _bytes.AsSpan(Length, count);
        Length += count;
        return span;
    }

    public Span<byte> At(int offset, int count) => _bytes.AsSpan(offset, count);
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));
    public void Byte(byte value) => Take(1)[0] = value;
    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);
    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    public void U128(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Take(16), value);

    public void Var(ulong value)
    {
        var room = Take(10);
        var n = 0;
        for (; value >= 0x80; value >>= 7) room[n++] = (byte)(value | 0x80);
        room[n++] = (byte)value;
        Length -= 10 - n;
    }

    /// <summary>Signed, zigzag.</summary>
    public void Int(long value) => Var((ulong)((value << 1) ^ (value >> 63)));

    public void String(string value)
    {
        var count = Encoding.UTF8.GetByteCount(value);
        Var((ulong)count);
        Encoding.UTF8.GetBytes(value, Take(count));
    }

    public void Blob(ReadOnlySpan<byte> bytes)
    {
        Var((ulong)bytes.Length);
        Raw(bytes);
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote.</summary>
/// <remarks>Every method throws <see cref="FormatException"/> where the bytes end early or a number is too long.</remarks>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public readonly int Position => _at;
    public readonly int Left => _bytes.Length - _at;

    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count < 0 || Left < count) throw new FormatException($"{count} bytes expected, {Left} left.");
        var span = _bytes.Slice(_at, count);
        _at += count;
        return span;
    }

    public byte Byte()
    {
        if ((uint)_at >= (uint)_bytes.Length) throw new FormatException("1 bytes expected, 0 left.");
        return _bytes[_at++];
    }

    public bool Bool() => Byte() switch { 0 => false, 1 => true, var b => throw new FormatException($"A boolean cannot be {b}.") };
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(4));
    public UInt128 U128() => BinaryPrimitives.ReadUInt128LittleEndian(Raw(16));

    public ulong Var()
    {
        // Most numbers are small.
        if ((uint)_at < (uint)_bytes.Length && _bytes[_at] is var only and < 0x80)
        {
            _at++;
            return only;
        }
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new FormatException("A number of more than ten bytes.");
    }

    public long Int()
    {
        var v = Var();
        return (long)(v >> 1) ^ -(long)(v & 1);
    }

    /// <summary>A count of things still to come, each of at least one byte: so a broken count cannot ask for more memory than there are bytes.</summary>
    public int Count()
    {
        var n = Var();
        if (n > (ulong)Left) throw new FormatException($"{n} items cannot stand in {Left} bytes.");
        return (int)n;
    }

    public string String() => Encoding.UTF8.GetString(Raw(Count()));
    public byte[] Blob() => Raw(Count()).ToArray();
}

/// <summary>CRC-32C (Castagnoli), by the processor's instruction where it has one.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in bytes[(words.Length * 8)..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
