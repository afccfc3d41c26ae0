using HallOps.Core.Halls;

namespace HallOps.Web.Storage;

/// <summary>Free text that people typed: its words are here alone, halls know its hash. Safe from any thread.</summary>
public interface ITexts
{
    /// <summary>Keeps a text, durably before it returns; the same text has the same hash.</summary>
    ValueTask<TextHash> KeepAsync(string text, CancellationToken cancel);

    /// <summary>The words; null when they were erased or never kept. From memory for any text of late, else one read of SQL.</summary>
    string? Find(TextHash hash);
}
