using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace HallOps.Web.Webhooks;

internal enum SendOutcome
{
    /// <summary>2xx.</summary>
    Delivered,

    /// <summary>Anything else, a redirect or no answer in time included: to be tried again.</summary>
    Failed,

    /// <summary>410: the receiver wants no more.</summary>
    Gone,
}

/// <summary>Sends a delivery to one endpoint, signed.</summary>
internal sealed class WebhookSender(WebhookEndpoint endpoint, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(10);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(endpoint.Secret);
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        // The body is for whoever has this address, and nobody that it names.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeOut,
        // A receiver that moves to another machine is found there.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseProxy = !endpoint.Url.IsLoopback,
        ActivityHeadersPropagator = null,
    });

    /// <param name="delivery">Its body is sent byte by byte as it is stored.</param>
    /// <param name="cancel">Ends the try; a time-out alone is <see cref="SendOutcome.Failed"/>.</param>
    /// <returns>What came of it, and why in a few words: a status or an error's kind, nothing of the receiver's own.</returns>
    public async Task<(SendOutcome Outcome, string Why)> SendAsync(Delivery delivery, CancellationToken cancel)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("HallOps", null));
        request.Headers.Add("HallOps-Event", delivery.Event);
        request.Headers.Add("HallOps-Delivery", delivery.Id);
        request.Headers.Add("HallOps-Signature", Sign(body, time.GetUtcNow().ToUnixTimeSeconds()));
        using var late = new CancellationTokenSource(TimeOut, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            using var answer = await _client.SendAsync(request, either.Token);
            var outcome = answer.IsSuccessStatusCode ? SendOutcome.Delivered : answer.StatusCode == HttpStatusCode.Gone ? SendOutcome.Gone : SendOutcome.Failed;
            return (outcome, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (SendOutcome.Failed, "no answer in time");
        }
        catch (HttpRequestException e)
        {
            return (SendOutcome.Failed, e.HttpRequestError.ToString());
        }
    }

    /// <summary>The time is signed with the body, so that a copy of it cannot be sent again much later.</summary>
    private string Sign(byte[] body, long at)
    {
        var stamp = at.ToString(CultureInfo.InvariantCulture);
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(_key, (byte[])[.. Encoding.ASCII.GetBytes(stamp + "."), .. body]))}";
    }

    public void Dispose() => _client.Dispose();
}
