using System.Text.Encodings.Web;
using System.Text.Unicode;
using HallOps.Displays.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Displays.Serving;

/// <summary>Maps every component of this assembly that has an <c>@page</c>. Needs an <see cref="IPageServer"/> and the engine.</summary>
public static class PageEndpoints
{
    // What machines ask for keeps its coded problems; everything else that nobody knows is told so in words.
    private const string PeoplesPaths = @"{**path:regex(^(?!(api|hub|openapi|alive|health|local)(/|$)).*)}";

    private static readonly HttpMethodMetadata Reading = new([HttpMethods.Get, HttpMethods.Head]);

    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        // Chinese as it is: the default would write every character as eight.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        return services;
    }

    public static void MapPages(this IEndpointRouteBuilder app)
    {
        // Pages are read only: every write is a JSON POST to the API, which no foreign form can send, with a SameSite=Strict cookie and the origin compared.
        // So there is no form here for antiforgery to look at.
        app.MapRazorComponents<App>().DisableAntiforgery().Add(endpoint =>
        {
            foreach (var methods in endpoint.Metadata.OfType<HttpMethodMetadata>().ToArray()) endpoint.Metadata.Remove(methods);
            endpoint.Metadata.Add(Reading);
            endpoint.RequestDelegate = Page(endpoint.RequestDelegate!);
        });
        app.MapFallback(PeoplesPaths, Page(http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return new RazorComponentResult<UnknownPage>().ExecuteAsync(http);
        })).WithMetadata(Reading).ExcludeFromDescription();
    }

    // A page is of its moment and of whoever asked.
    private static RequestDelegate Page(RequestDelegate next) => http =>
    {
        http.Response.Headers.CacheControl = "no-store";
        Texts.LanguageChoice.Remember(http);
        return next(http);
    };
}
