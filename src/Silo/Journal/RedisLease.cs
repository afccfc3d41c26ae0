using System.Security.Cryptography;

namespace HallOps.Silo.Journal;

/// <summary>
/// Which of several processes on one Redis serves the halls: a key that its holder renews, and that ends by itself when nobody does. It only settles who is to begin; what makes a holder
/// that comes late harmless are the halls' epochs (<see cref="RedisJournalOptions.Exclusive"/>).
/// </summary>
public sealed class RedisLease : IAsyncDisposable
{
    private readonly RedisJournalOptions _options;
    private readonly RedisAccess _access;
    private readonly RedisLink _link;
    private readonly string _holder;
    private readonly string _token;
    private readonly bool _isShared;
    private ulong _number;
    private long _renewed;

    /// <param name="connection">As of <see cref="RedisJournal.OpenAsync"/>.</param>
    /// <param name="holder">Whom the others name while this one has it.</param>
    /// <param name="shared">Processes that name the same have it together, and any of them renews it; null: it is this one's alone.</param>
    /// <exception cref="JournalUnusableException">The address cannot be read.</exception>
    public RedisLease(string connection, string holder, RedisJournalOptions options, string? shared = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _holder, _isShared, _token) = (options, holder, shared is not null, shared ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(8)));
        _access = new RedisAccess(connection, options);
        _link = _access.Link();
    }

    /// <summary>How long it lasts unless it is renewed.</summary>
    public static TimeSpan Lasts { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is renewed, and how often one who waits for it should ask.</summary>
    public static TimeSpan RenewedEvery { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it has been overdue: 0 while it holds. Whoever cannot reach the store cannot know whether another has taken over.</summary>
    public TimeSpan Overdue => _options.Time.GetElapsedTime(_renewed) is var since && since > Lasts ? since - Lasts : TimeSpan.Zero;

    /// <returns>Null: it is this process's now. Else who has it; empty where that is not known.</returns>
    /// <exception cref="IOException">The store does not answer.</exception>
    public async Task<string?> TryTakeAsync()
    {
        var asked = _options.Time.GetTimestamp();
        var state = await _access.AskAsync(_link, redis => _access.Store.LeaseAsync(redis, _token, _holder, Lasts, 0));
        if (state.Number == 0) return state.Holder;
        (_number, _renewed) = (state.Number, asked);
        return null;
    }

    /// <summary>Renews it until it is told to stop or another process has it. A store that does not answer is asked again: nobody records anything meanwhile.</summary>
    /// <returns>Who has it now, or has had it; null where it was told to stop.</returns>
    public async Task<string?> HoldAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(RenewedEvery, _options.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    var asked = _options.Time.GetTimestamp();
                    var state = await _access.AskAsync(_link, redis => _access.Store.LeaseAsync(redis, _token, _holder, Lasts, _number)).WaitAsync(stop);
                    if (state.Number == 0) return state.Holder;
                    _renewed = asked;
                }
                catch (IOException)
                {
                    // Overdue says so.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        return null;
    }

    /// <summary>Lets the next one have it at once. Where the store does not answer, or others may have it too, it ends by itself.</summary>
    public async Task ReleaseAsync()
    {
        if (_isShared) return;
        try
        {
            await _access.AskAsync(_link, redis => _access.Store.ReleaseAsync(redis, _token));
        }
        catch (IOException)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        _access.Dispose();
        return ValueTask.CompletedTask;
    }
}
