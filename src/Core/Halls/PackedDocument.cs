using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;

namespace HallOps.Core.Halls;

/// <summary>
/// A hall's document as the journal and the state keep it: minified JSON in Brotli, some 8 KiB for a town hall, so that an idle hall stays small.
/// Equal by <see cref="Version"/>.
/// </summary>
public sealed class PackedDocument : IEquatable<PackedDocument>
{
    private const int MaxLength = 16 << 20;
    private static readonly TextPool TextsOfAllHalls = new SharedTexts();
    private HallSettings? _settings;

    private PackedDocument(byte[] packed, int length, TextHash version) => (Packed, Length, Version) = (packed, length, version);

    /// <summary>Brotli bytes.</summary>
    public byte[] Packed { get; }

    /// <summary>Bytes of the document unpacked.</summary>
    public int Length { get; }

    /// <summary>16 bytes of the SHA-256 of the unpacked document: the ETag's value.</summary>
    public TextHash Version { get; }

    /// <summary>Packs minified UTF-8 JSON of at most 16 MiB.</summary>
    public static PackedDocument Pack(ReadOnlySpan<byte> utf8)
    {
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(utf8.Length)];
        if (!BrotliEncoder.TryCompress(utf8, buffer, out var written, quality: 6, window: 20))
            throw new InvalidOperationException($"A document of {utf8.Length} bytes could not be packed.");
        return new PackedDocument(buffer.AsSpan(0, written).ToArray(), utf8.Length, VersionOf(utf8));
    }

    /// <summary>Settings on their way to be tried, of which no bytes are kept.</summary>
    internal static PackedDocument Of(HallSettings settings) => new([], 0, default) { _settings = settings };

    /// <summary>Takes packed bytes as they stand in the journal.</summary>
    /// <exception cref="FormatException">They do not unpack to <paramref name="length"/> bytes.</exception>
    public static PackedDocument FromPacked(byte[] packed, int length)
    {
        var document = new PackedDocument(packed, length, default);
        return new PackedDocument(packed, length, VersionOf(document.Unpack()));
    }

    /// <summary>The document read. Reading is done once however many pictures of the hall use it; equal texts of all halls are one string.</summary>
    /// <exception cref="FormatException">It does not read without problems: such a document is never packed.</exception>
    public HallSettings Settings => _settings ??= HallDocument.Read(Unpack(), TextsOfAllHalls) is { Settings: { } settings } ? settings : throw new FormatException("A packed document does not read without problems.");

    public byte[] Unpack()
    {
        if (Length is < 0 or > MaxLength) throw new FormatException($"A document of {Length} bytes cannot be.");
        var utf8 = new byte[Length];
        if (!BrotliDecoder.TryDecompress(Packed, utf8, out var written) || written != Length)
            throw new FormatException("A packed document does not unpack to its length.");
        return utf8;
    }

    public bool Equals(PackedDocument? other) => other is not null && Version == other.Version;
    public override bool Equals(object? obj) => Equals(obj as PackedDocument);
    public override int GetHashCode() => Version.GetHashCode();

    private static TextHash VersionOf(ReadOnlySpan<byte> utf8)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(utf8, hash);
        return new TextHash(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
    }

    /// <summary>The words of every hall in the process: the services of a whole country's halls are the same few hundred texts. Safe from any thread.</summary>
    private sealed class SharedTexts : TextPool
    {
        private readonly ConcurrentDictionary<string, string> _strings = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<Text, Text> _texts = new();

        public override string Share(string s) => _strings.GetOrAdd(s, s);

        public override Text Share(Text text) => _texts.GetOrAdd(text, t => new Text(Share(t.Zh), t.En is null ? null : Share(t.En)));
    }
}
