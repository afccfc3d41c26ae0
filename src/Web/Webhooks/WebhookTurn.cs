using System.Data.Common;
using System.Threading.Channels;

namespace HallOps.Web.Webhooks;

/// <summary>
/// Which of several processes on one PostgreSQL delivers: the one whose connection has a lock there. The others ask for it; when the connection of the one that has it ends, another goes on.
/// </summary>
/// <param name="open">Opens a connection to the database: it is kept as long as this process delivers.</param>
/// <param name="begin">Makes what delivers.</param>
internal sealed partial class WebhookTurn(Func<CancellationToken, ValueTask<DbConnection>> open, Func<WebhookDelivery> begin, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>How often it is asked for by those that do not deliver.</summary>
    public static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    /// <summary>How often it is looked for what the other processes stored.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // A machine that is gone without a word is noticed within half a minute, and its lock with it.
    private const string NoticeSoon = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

    // Any number that nothing else locks.
    private const string Take = "SELECT pg_try_advisory_lock(4812015003)";

    private readonly Channel<bool> _stored = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private volatile WebhookDelivery? _delivery;
    private Task _running = Task.CompletedTask;

    /// <summary>Null while another process delivers.</summary>
    public WebhookDelivery? Delivery => _delivery;

    public void Start() => _running = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>This process stored some: they need not wait for the next look.</summary>
    public void Look() => _stored.Writer.TryWrite(true);

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = await open(cancel);
                await AskAsync(connection, NoticeSoon, cancel);
                while (await AskAsync(connection, Take, cancel) is not true) await Task.Delay(AskEvery, time, cancel);
                LogDelivers(log);
                await DeliverAsync(connection, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            // With its connection the lock is gone: another process may have it.
            catch (Exception failed)
            {
                LogLost(log, failed);
                await Task.Delay(AskEvery, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task DeliverAsync(DbConnection connection, CancellationToken cancel)
    {
        await using var delivery = begin();
        try
        {
            while (true)
            {
                await delivery.LookAsync(cancel);
                // After its first look: from then on nobody thinks that nothing waits.
                _delivery = delivery;
                await StoredAsync(cancel);
                await AskAsync(connection, "SELECT 1", cancel);
            }
        }
        finally
        {
            _delivery = null;
        }
    }

    /// <summary>Until this process stored some, or others may have.</summary>
    private async Task StoredAsync(CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(_stored.Reader.WaitToReadAsync(enough.Token).AsTask(), Task.Delay(LookEvery, time, enough.Token));
        await enough.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        _stored.Reader.TryRead(out _);
    }

    private static async Task<object?> AskAsync(DbConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is one of this file's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [LoggerMessage(2423, LogLevel.Information, "This process delivers to webhooks")]
    private static partial void LogDelivers(ILogger log);

    [LoggerMessage(2424, LogLevel.Warning, "Deliveries to webhooks wait here until the database answers; another process may go on with them")]
    private static partial void LogLost(ILogger log, Exception failed);
}
